using System.Globalization;
using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary><c>compare.csv</c>: one number a row, unrounded, with what it is of.</summary>
/// <remarks><c>groups</c> are the numbers of compare.md. <c>delta_task</c> are the runs that all else follows from; <c>at</c> is the seed of these and the
/// threshold of <c>profile</c>. A run that failed is <c>-Infinity</c>.</remarks>
public static class ComparisonCsv
{
    private static readonly string[] _columns = ["measure", "benchmark", "model", "groups", "strategy", "other", "at", "value", "ci95.low", "ci95.high"];

    /// <summary>Writes atomically.</summary>
    public static void Write(Comparison comparison, string path) => CsvFile.Write(path, _columns, Rows(comparison));

    private static IEnumerable<string[]> Rows(Comparison comparison)
    {
        foreach (var (i, group) in comparison.Groups.Groups.Index())
            foreach (var (strategy, values) in group.Values)
                foreach (var (seed, value) in group.Seeds.Zip(values))
                    yield return Row("delta_task", [i], strategy, at: seed.ToString(CultureInfo.InvariantCulture), value: new BootstrapInterval(value, null, null), of: group);
        foreach (var pair in comparison.Pairs)
            yield return Row("probability_of_improvement", pair.Groups, pair.Strategy, pair.Probability, pair.Other);
        foreach (var aggregate in comparison.Aggregates)
        {
            foreach (var row in aggregate.Rows)
            {
                yield return Row("iqm", aggregate.Groups, row.Strategy, row.InterquartileMean);
                yield return Row("mean", aggregate.Groups, row.Strategy, row.Mean);
                yield return Row("mean_rank", aggregate.Groups, row.Strategy, row.MeanRank);
                foreach (var threshold in row.Values.SelectMany(group => group).Where(double.IsFinite).Distinct().Order())
                    yield return Row("profile", aggregate.Groups, row.Strategy, new BootstrapInterval(row.ShareAtLeast(threshold), null, null), at: CsvFile.Text(threshold));
            }

            if (aggregate.Test is { } test)
                yield return Row("friedman_p", aggregate.Groups, "", new BootstrapInterval(test.Probability, null, null));
        }

        foreach (var models in comparison.Models)
        {
            yield return Row("interaction_share", models.Groups, "", new BootstrapInterval(models.Interaction.Share, null, null));
            if (models.Interaction.Probability is { } probability)
                yield return Row("interaction_p", models.Groups, "", new BootstrapInterval(probability, null, null));
            yield return Row("rank_correlation", models.Groups, "", new BootstrapInterval(models.RankCorrelation, null, null));
        }
    }

    private static string[] Row(
        string measure, IReadOnlyList<int> groups, string strategy, BootstrapInterval value, string other = "", string at = "", ComparedGroup? of = null) =>
    [
        measure, of?.Benchmark ?? "", of?.Model ?? "", string.Join('|', groups.Select(group => group + 1)), strategy, other, at,
        CsvFile.Text(value.Value), CsvFile.Text(value.Low), CsvFile.Text(value.High),
    ];
}
