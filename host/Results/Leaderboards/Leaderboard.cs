using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>What a sweep found, condensed from its records.</summary>
/// <param name="Title">One line; may be empty.</param>
/// <param name="Constants">Settings and provenance that are the same in every record, sorted by key.</param>
/// <param name="Groups">One a benchmark and model, in their order.</param>
/// <param name="Ranking">The strategies over the seeds of all groups; null where there is only one group, whose own says the same.</param>
public sealed record Leaderboard(
    string Title,
    IReadOnlyDictionary<string, string> Constants,
    IReadOnlyList<LeaderboardGroup> Groups,
    BlockRanking? Ranking)
{
    /// <summary>That the sweep has not come to its end, and what goes on from there; null where it has.</summary>
    public string? Unfinished { get; init; }

    /// <summary>The label of the baselines' row.</summary>
    public const string SingleTask = RunSpec.SingleTaskLabel;

    /// <summary>The label of the row that step times are ratios to.</summary>
    public const string Uniform = "uniform";

    /// <summary>Condenses records, in whatever order they come.</summary>
    /// <param name="title">One line; may be empty.</param>
    /// <param name="records">Of one sweep.</param>
    /// <param name="rule">How its rows are judged; null for <see cref="DecisionRule.Default"/>.</param>
    /// <exception cref="InputException">Two records are for the same strategy and seed.</exception>
    public static Leaderboard Build(string title, IEnumerable<RunRecord> records, DecisionRule? rule = null)
    {
        var ordered = records.OrderBy(record => record.Id, StringComparer.Ordinal).ToList();
        RefuseDuplicates(ordered);
        var constants = RecordFacts.Constants(ordered);
        var grouped = Grouped(ordered)
            .OrderBy(group => group[0].Benchmark, StringComparer.Ordinal)
            .ThenBy(group => group[0].Model, StringComparer.Ordinal)
            .ToList();
        var family = FamilyOf(grouped, rule ?? DecisionRule.Default);
        var groups = grouped.ConvertAll(group => new LeaderboardGroupBuilder(group, constants, family).Build());
        return new Leaderboard(title, constants, groups, groups.Count > 1 ? BlockRanking.Of(groups.Select(group => group.Rows)) : null);
    }

    /// <summary>The rows that are compared with the reference, over all groups that have it and single-task runs.</summary>
    private static VerdictFamily FamilyOf(IEnumerable<IReadOnlyList<RunRecord>> groups, DecisionRule rule) => new(rule, groups
        .Where(group => group.Any(record => record.SingleTask is not null) && group.Any(record => record.Strategy == rule.Reference))
        .Sum(group => group.Where(record => record.SingleTask is null && record.Strategy != rule.Reference).Select(record => record.Strategy).Distinct().Count()));

    /// <summary>The records of one benchmark and model. Choices of a benchmark's tasks share the single-task runs of the whole, which stand in no
    /// group of their own where nothing else is of the whole.</summary>
    internal static IEnumerable<IReadOnlyList<RunRecord>> Grouped(IReadOnlyList<RunRecord> ordered)
    {
        var shared = ordered.Where(record => record.SingleTaskBenchmark is not null).Select(record => (record.SingleTaskBenchmark, record.Model)).ToHashSet();
        foreach (var group in ordered.GroupBy(record => (record.Benchmark, record.Model)))
        {
            if (group.FirstOrDefault(record => record.SingleTaskBenchmark is not null) is { } some)
                yield return [.. group, .. ordered.Where(record => record.SingleTask is not null && record.Benchmark == some.SingleTaskBenchmark
                    && record.Model == some.Model && some.Metrics.Any(metric => metric.Task == record.SingleTask))];
            else if (!shared.Contains((group.Key.Benchmark, group.Key.Model)) || group.Any(record => record.SingleTask is null))
                yield return [.. group];
        }
    }

    /// <exception cref="InputException">Two records are for the same strategy and seed.</exception>
    internal static void RefuseDuplicates(IEnumerable<RunRecord> records)
    {
        var duplicate = records
            .GroupBy(record => (record.Benchmark, record.Model, record.Strategy, record.SingleTask, record.Seed))
            .FirstOrDefault(group => group.Count() > 1);
        if (duplicate is not null)
        {
            throw new InputException($"the runs {string.Join(" and ", duplicate.Select(record => record.Id))} are for the same strategy "
                + $"({duplicate.Key.Strategy}) and seed ({duplicate.Key.Seed}), with other settings; delete the folders of those that no longer belong to the sweep");
        }
    }
}
