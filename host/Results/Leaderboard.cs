using KdMtlBench.Host.Benchmarks;

namespace KdMtlBench.Host.Results;

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
    public const string SingleTask = "single-task";

    /// <summary>The label of the row that every other one is compared with, in quality and step time.</summary>
    public const string Uniform = "uniform";

    /// <summary>Condenses records, in whatever order they come.</summary>
    /// <exception cref="InputException">Two records are for the same strategy and seed.</exception>
    public static Leaderboard Build(string title, IEnumerable<RunRecord> records)
    {
        var ordered = records.OrderBy(record => record.Id, StringComparer.Ordinal).ToList();
        RefuseDuplicates(ordered);
        var constants = RecordFacts.Constants(ordered);
        var groups = Grouped(ordered)
            .OrderBy(group => group[0].Benchmark, StringComparer.Ordinal)
            .ThenBy(group => group[0].Model, StringComparer.Ordinal)
            .Select(group => new LeaderboardGroupBuilder(group, constants).Build())
            .ToList();
        return new Leaderboard(title, constants, groups, groups.Count > 1 ? BlockRanking.Of(groups.Select(group => group.Rows)) : null);
    }

    /// <summary>The records of one benchmark and model. Choices of a benchmark's tasks share the single-task runs of the whole, which stand in no
    /// group of their own where nothing else is of the whole.</summary>
    private static IEnumerable<IReadOnlyList<RunRecord>> Grouped(IReadOnlyList<RunRecord> ordered)
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

/// <summary>The strategies on one benchmark with one model.</summary>
/// <param name="Benchmark">Label.</param>
/// <param name="Model">Label.</param>
/// <param name="Constants">Settings and provenance that all records of this group share, and not those of every group.</param>
/// <param name="Metrics">Of all tasks, in the order of the benchmark.</param>
/// <param name="Rows">The single-task row first, then from the best <c>delta_task</c> to the worst.</param>
/// <param name="Ranking">The strategies over this group's seeds.</param>
/// <param name="Failures">In the order of the runs' ids.</param>
/// <param name="Notes">What a reader must know about these rows.</param>
public sealed record LeaderboardGroup(
    string Benchmark,
    string Model,
    IReadOnlyDictionary<string, string> Constants,
    IReadOnlyList<TaskMetric> Metrics,
    IReadOnlyList<LeaderboardRow> Rows,
    BlockRanking Ranking,
    IReadOnlyList<FailedRun> Failures,
    IReadOnlyList<string> Notes);

/// <summary>A run that did not finish.</summary>
/// <param name="Id">Of the run.</param>
/// <param name="Strategy">Label.</param>
/// <param name="Seed">Of the run.</param>
/// <param name="Reason">One sentence.</param>
public sealed record FailedRun(string Id, string Strategy, int Seed, string Reason);

/// <summary>One strategy over its seeds. The single-task row puts the runs of one seed together, one a task.</summary>
/// <remarks>
/// A change against single-task is taken within a seed, then averaged: networks of one seed share the order of batches
/// and the initial trunk, so part of the noise is common to both. What is not common stays in: the interval
/// holds the baselines' noise too, and is no narrower for the baselines being the same in every row.
/// </remarks>
public sealed record LeaderboardRow
{
    public required string Benchmark { get; init; }

    public required string Model { get; init; }

    public required string Strategy { get; init; }

    /// <summary>Seeds that finished; for the single-task row, those where every task's run did.</summary>
    public required int Seeds { get; init; }

    /// <summary>Runs that failed.</summary>
    public required int Failed { get; init; }

    /// <summary>On the test split, by <see cref="TaskMetric.Key"/>, in the metrics' own units; empty where no seed finished.</summary>
    public required IReadOnlyDictionary<string, Estimate> Metrics { get; init; }

    /// <summary><see cref="RelativeChange.OverTasks"/> by seed, for the seeds that have a baseline.</summary>
    public required IReadOnlyDictionary<int, double> DeltaTaskBySeed { get; init; }

    /// <summary>Percent, positive is better; null without a baseline and for the single-task row itself.</summary>
    public Estimate? DeltaTask { get; init; }

    /// <summary><see cref="RelativeChange.OverMetrics"/>; as <see cref="DeltaTask"/>.</summary>
    public Estimate? DeltaMetric { get; init; }

    /// <summary>Mean over the metrics of the rank among the group's multi-task rows, 1 the best; null for single-task.</summary>
    public double? Rank { get; init; }

    /// <summary>With the row whose <see cref="DeltaTask"/> is best; null for that row itself, and without a common seed.</summary>
    public Comparison? ToBest { get; init; }

    /// <summary>With the row <c>uniform</c>; null for that row itself, and without a common seed.</summary>
    public Comparison? ToUniform { get; init; }

    /// <summary>Whether <see cref="ToBest"/> finds no difference; true for the best row itself; null below three common seeds.</summary>
    public bool? TiedWithBest { get; init; }

    /// <summary>Median over seeds; the single-task row adds its tasks' steps up.</summary>
    public double? StepMilliseconds { get; init; }

    /// <summary>To the row <c>uniform</c>; null where there is none.</summary>
    public double? StepRatio { get; init; }

    /// <summary>Mean over seeds; the single-task row adds its tasks' up.</summary>
    public double? BackwardPasses { get; init; }

    /// <summary>Largest over the runs.</summary>
    public double? PeakMebibytes { get; init; }

    /// <summary>Mean over seeds; the single-task row adds its tasks' up.</summary>
    public double? TrainSeconds { get; init; }

    /// <summary>Mean over seeds.</summary>
    public double? TeacherSeconds { get; init; }

    /// <summary>Sum over all runs, failed ones included.</summary>
    public required long SolverFailures { get; init; }
}
