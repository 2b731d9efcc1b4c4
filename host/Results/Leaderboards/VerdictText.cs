using System.Globalization;
using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>Verdicts in words.</summary>
public static class VerdictText
{
    /// <summary>How the columns of verdicts are to be read.</summary>
    public static IReadOnlyList<string> Legend { get; } =
    [
        "to …: difference of Δ task from the reference row, in points, seed by seed, ± half width of an interval that holds at 95 % for all rows together, "
            + "over all benchmarks and models (Student's t at 5 % over the number of rows; where seeds come in rounds, at all rounds together). It covers first weights, order of batches and the strategies' own randomness, "
            + "given the data, their split and the single-task means that Δ is relative to.",
        "verdict: better, the interval is wholly above 0; worse, wholly below; equivalent, wholly within ± margin; better (or worse) by less than the margin, both. "
            + "A row of which a run failed is never better or equivalent. The sweep names the reference row and the margin before there are data; the other margins stand beside it.",
        $"undecided, ≈ n seeds: the fixed number of seeds, named beforehand, that would decide with {Verdict.Power * 100:0} %, if mean and scatter stayed as they are.",
    ];

    /// <summary><c>± 0.3</c>.</summary>
    public static string Margin(double margin) => $"± {Number(margin)}";

    /// <summary>For a file that a program reads.</summary>
    public static string Id(Decision decision) => decision switch
    {
        Decision.Worse => "worse",
        Decision.WorseByLess => "worse-by-less",
        Decision.Equivalent => "equivalent",
        Decision.BetterByLess => "better-by-less",
        Decision.Better => "better",
        _ => "undecided",
    };

    /// <summary>For a table.</summary>
    public static string Words(Verdict verdict, double margin) => verdict.At(margin) switch
    {
        Decision.WorseByLess => $"worse, by less than {Number(margin)}",
        Decision.BetterByLess => $"better, by less than {Number(margin)}",
        Decision.Undecided => $"undecided, {Missing(verdict, margin)}",
        var decision => Id(decision),
    };

    /// <summary>What may be said of the rows beside the reference; nothing where there are no verdicts.</summary>
    public static IReadOnlyList<string> Sentences(LeaderboardGroup group)
    {
        var margin = group.Family.Rule.Margin;
        var judged = group.Rows.Where(row => row.Verdict is not null).ToList();
        if (judged.Count == 0)
            return [];
        if (judged.TrueForAll(row => row.Verdict!.HalfWidth is null))
            return [$"With fewer than {Statistics.FewestSeeds} seeds nothing can be said of the difference from {group.Family.Rule.Reference}."];
        return
        [
            $"Compared with {group.Family.Rule.Reference} at a margin of {Margin(margin)} {(margin == 1 ? "point" : "points")} of Δ task, "
                + $"{group.Family.Rows} {(group.Family.Rows == 1 ? "row" : "rows")}, 95 % for all together:",
            .. from decision in new[] { Decision.Better, Decision.BetterByLess, Decision.Equivalent, Decision.WorseByLess, Decision.Worse, Decision.Undecided }
               let rows = judged.Where(row => row.Verdict!.At(margin) == decision).ToList()
               where rows.Count > 0
               select $"{Heading(decision, margin)} ({rows.Count}): {string.Join(", ", decision == Decision.Undecided ? BySeeds(rows, margin) : rows.Select(row => row.Strategy))}.",
        ];
    }

    private static IEnumerable<string> BySeeds(IEnumerable<LeaderboardRow> rows, double margin) =>
        from row in rows
        orderby row.Verdict!.SeedsToDecide(margin) ?? int.MaxValue
        select $"{row.Strategy} ({Missing(row.Verdict!, margin)})";

    private static string Heading(Decision decision, double margin) => decision switch
    {
        Decision.WorseByLess => $"Worse, by less than {Number(margin)}",
        Decision.BetterByLess => $"Better, by less than {Number(margin)}",
        _ => $"{char.ToUpperInvariant(Id(decision)[0])}{Id(decision)[1..]}",
    };

    private static string Missing(Verdict verdict, double margin) =>
        verdict.Failed > 0 ? $"{verdict.Failed} failed"
        : verdict.HalfWidth is null ? $"n = {verdict.Seeds}"
        : verdict.SeedsToDecide(margin) is { } seeds ? $"≈ {seeds} seeds" : $"more than {Verdict.MostSeeds} seeds";

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
