using System.Globalization;
using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Results.Leaderboards;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary>A comparison as rounded text.</summary>
public static class ComparisonTables
{
    private const string Nothing = "–";

    /// <summary>The groups and their numbers.</summary>
    public static LeaderboardTable Groups(Comparison comparison) => new("Groups",
        [new("", "group"), new("", "sweeps"), new("", "seeds"), new("", "strategies"), new("", "model"), new("", "benchmark")],
        [.. comparison.Groups.Groups.Select((group, i) => (IReadOnlyList<TableCell>)
        [
            Text($"{i + 1}"), Text(string.Join(", ", group.Sweeps)), Text(string.Join(", ", group.Seeds)), Count(group.Values.Count), Text(group.Model), Text(group.Benchmark),
        ])]);

    /// <summary>Every strategy beside the reference; null where none shares a group with it.</summary>
    public static LeaderboardTable? Pairs(Comparison comparison)
    {
        var pairs = comparison.Strategies.Select(strategy => comparison.Pairs.FirstOrDefault(pair => pair.Strategy == strategy && pair.Other == comparison.Reference)).OfType<PairComparison>().ToList();
        return pairs.Count == 0 ? null : new LeaderboardTable("Probability of improvement",
            [new("", "strategy"), new("", $"P(better than {comparison.Reference})", HigherIsBetter: true), new("", "95 %"), new("", "groups"), new("", "runs")],
            [.. pairs.Select(pair => (IReadOnlyList<TableCell>)
            [
                Text(pair.Strategy), Number(pair.Probability.Value, "0.00"), Interval(pair.Probability, "0.00"), Text(string.Join(", ", pair.Groups.Select(group => group + 1))),
                Count(pair.Groups.Sum(group => comparison.Groups.Groups[group].Seeds.Count)),
            ])]);
    }

    /// <summary>Strategies over the same groups.</summary>
    public static LeaderboardTable Rows(Aggregate aggregate)
    {
        var failed = aggregate.Rows.Any(row => row.Failed > 0);
        var (bestRank, mostPositive) = (aggregate.Rows.Min(row => row.MeanRank.Value), aggregate.Rows.Max(row => row.ShareAtLeast(0)));
        return new LeaderboardTable("Aggregates",
            [
                new("", "strategy"), new("", "IQM of Δ task %", HigherIsBetter: true), new("", "95 %"), new("", "mean", HigherIsBetter: true), new("", "mean rank", HigherIsBetter: false), new("", "95 %"), new("", "≥ 0", HigherIsBetter: true),
                .. failed ? [new TableColumn("", "failed", HigherIsBetter: false)] : Array.Empty<TableColumn>(),
            ],
            [.. aggregate.Rows.Select(row => (IReadOnlyList<TableCell>)
            [
                Text(row.Strategy),
                Number(row.InterquartileMean.Value, Signed, row.InterquartileMean.Value == aggregate.Rows[0].InterquartileMean.Value), Interval(row.InterquartileMean, Signed),
                Number(row.Mean.Value, Signed),
                Number(row.MeanRank.Value, "0.00", row.MeanRank.Value == bestRank), Interval(row.MeanRank, "0.00"),
                Number(row.ShareAtLeast(0), "0%", mostPositive > 0 && row.ShareAtLeast(0) == mostPositive),
                .. failed ? [Count(row.Failed)] : Array.Empty<TableCell>(),
            ])]);
    }

    /// <summary>Means and ranks by model.</summary>
    public static LeaderboardTable Cells(Comparison comparison, ModelComparison models)
    {
        var ranks = models.Groups.Select((_, model) => Statistics.Ranks([.. models.Means.Select(row => row[model])], higherIsBetter: true)).ToList();
        return new LeaderboardTable("Models",
            [new("", "strategy"), .. models.Groups.Select(group => new TableColumn(comparison.Groups.Groups[group].Model, "Δ task % (rank)", HigherIsBetter: true))],
            [.. models.Strategies.Select((strategy, i) => (IReadOnlyList<TableCell>)
            [
                Text(strategy),
                .. ranks.Select((rank, model) => new TableCell(
                    $"{Format(models.Means[i][model], Signed)} ({Format(rank[i], "0.#")})", IsBest: rank[i] == rank.Min(), models.Means[i][model])),
            ])]);
    }

    private const string Signed = "+0.00;-0.00;0.00";

    private static TableCell Text(string text) => new(text, IsBest: false);

    private static TableCell Count(int count) => new(count.ToString(CultureInfo.InvariantCulture), IsBest: false, count);

    private static TableCell Number(double value, string format, bool isBest = false) => new(Format(value, format), isBest, value);

    private static TableCell Interval(BootstrapInterval interval, string format) =>
        interval is { Low: { } low, High: { } high } ? new TableCell($"[{Format(low, format)}, {Format(high, format)}]", IsBest: false, low) : Text(Nothing);

    private static string Format(double value, string format) => double.IsNegativeInfinity(value) ? "failed" : value.ToString(format, CultureInfo.InvariantCulture);
}
