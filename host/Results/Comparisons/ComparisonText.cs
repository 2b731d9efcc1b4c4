using System.Globalization;
using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Results.Leaderboards;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary>The sentences of a comparison, the same for every form a reader sees.</summary>
public static class ComparisonText
{
    /// <summary>A heading.</summary>
    public const string Title = "Strategies across sweeps";

    /// <summary>A heading.</summary>
    public const string GroupsHeading = "What is compared";

    /// <summary>A heading.</summary>
    public static string PairsHeading(Comparison comparison) => $"Probability of improvement on {comparison.Reference}";

    /// <summary>A heading.</summary>
    public static string Heading(Aggregate aggregate) => $"{aggregate.Rows.Count} strategies over {Groups(aggregate.Groups.Count)}";

    /// <summary>A heading.</summary>
    public static string Heading(ModelComparison models) => $"{models.Benchmark}: {models.Groups.Count} models";

    /// <summary>A heading.</summary>
    public const string ModelsHeading = "Does the order depend on the model?";

    /// <summary>Whose results.</summary>
    public static IEnumerable<string> Origins(Comparison comparison) => comparison.Sweeps.Select(sweep => $"{sweep.Name}: {sweep.Origin}");

    /// <summary><c>groups 1, 3 and 4</c>.</summary>
    public static string Numbers(IReadOnlyList<int> groups) => groups.Count == 1
        ? $"group {groups[0] + 1}"
        : $"groups {string.Join(", ", groups.SkipLast(1).Select(group => group + 1))} and {groups[^1] + 1}";

    /// <summary>What a reader must know of an aggregate.</summary>
    public static IEnumerable<string> Notes(Aggregate aggregate)
    {
        yield return $"{Capital(Numbers(aggregate.Groups))}, {aggregate.Rows[0].Values.Sum(group => group.Count)} runs of each strategy.";
        if (aggregate.Test is { } test)
            yield return $"Friedman's test of the groups' mean Δ task, {aggregate.Rows.Count} strategies over {Groups(test.Blocks)}: F = {Number(test.F)}, "
                + $"{LeaderboardText.Probability(test.Probability)}. Nemenyi's critical difference of mean ranks: {Number(test.CriticalDifference)}.";
        else
            yield return $"Ranks over {Groups(aggregate.Groups.Count)} cannot be tested (it takes {Statistics.FewestSeeds}).";
    }

    /// <summary>That there is no aggregate, where there is none.</summary>
    public const string NothingShared = "No two strategies share two groups: nothing can be condensed over groups.";

    /// <summary>That no benchmark has several models.</summary>
    public const string OneModelEach = "No benchmark has two strategies with several models: whether the order of the strategies depends on the model cannot be told.";

    /// <summary>What a benchmark with several models says.</summary>
    public static IEnumerable<string> Notes(Comparison comparison, ModelComparison models)
    {
        var (interaction, sweeps) = (models.Interaction, models.Groups.SelectMany(group => comparison.Groups.Groups[group].Sweeps).Distinct().ToList());
        yield return $"Interaction of strategy and model: {100 * interaction.Share:0} % of the variation between the strategies' means"
            + $"{(interaction.Probability is { } probability ? $", F = {Number(interaction.F)}, {LeaderboardText.Probability(probability)}" : "; one seed allows no test")}. "
            + (double.IsNaN(models.RankCorrelation) ? "" : $"Spearman's rank correlation of the models' orders: {Number(models.RankCorrelation)}{(models.Groups.Count > 2 ? ", mean over the pairs of models" : "")}.");
        if (sweeps.Count > 1)
            yield return $"The models come from several sweeps ({string.Join(", ", sweeps)}), which may differ in more than the model.";
        if (models.LeftOut.Count > 0)
            yield return $"Left out for a failed run: {string.Join(", ", models.LeftOut)}.";
    }

    /// <summary>How the tables are to be read.</summary>
    public static IReadOnlyList<string> Legend { get; } =
    [
        "All of this is exploratory: an interval holds for one number at a time, not for all together, and covers seeds alone. The groups are taken as they are: nothing here speaks of a benchmark that is not among them. "
            + "What may be said of one sweep, its leaderboard says in verdicts.",
        "A group is a benchmark with a model. Sweeps that share their single-task runs share a group, and a run that several of them have counts once. Strategies are compared by Δ task, over the groups and seeds that all of them have. "
            + "A run that failed is worse than any other.",
        $"[low, high]: 95 % percentile interval of a bootstrap stratified by group, which draws seeds anew {StratifiedBootstrap.Resamples.ToString("N0", CultureInfo.InvariantCulture)} times: for P each strategy's alone, else a seed's runs of all strategies together. "
            + $"It is too narrow for few seeds, and one of a single point says only that all runs agree; none where a group has fewer than {Statistics.FewestSeeds} seeds.",
        "P: probability that a run of the strategy is better than one of the other, ties counting half, mean over the groups (Mann and Whitney's U).",
        "IQM: interquartile mean of Δ task over the runs of all groups, the best and the worst quarter left out; a group with more seeds counts more, and one whose Δ scatters widely fills the quarters that are left out. mean: the same over all runs.",
        "mean rank: over the groups, of the rank of the mean Δ task, 1 is best. ≥ 0: share of runs that are no worse than single-task networks, one point of the performance profile.",
        "Interaction: analysis of variance, seeds of a model as blocks. 0 %: the strategies differ alike with every model; the seeds' noise adds to the share, so that the test decides.",
        "Agarwal et al., Deep Reinforcement Learning at the Edge of the Statistical Precipice, NeurIPS 2021.",
    ];

    private static string Groups(int count) => count == 1 ? "1 group" : $"{count} groups";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
