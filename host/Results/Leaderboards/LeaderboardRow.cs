using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>One strategy over its seeds. The single-task row puts the runs of one seed together, one a task.</summary>
/// <remarks>
/// A difference from single-task is taken within a seed, then averaged: networks of one seed share the order of batches
/// and the initial trunk, so part of the noise is common to both. What is not common stays in: the interval
/// holds the baselines' noise too, and is no narrower for the baselines being the same in every row. What differences are relative to is
/// the same for all seeds, the single-task mean.
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

    /// <summary><see cref="RelativeChange.ByTask"/>, in the tasks' order; empty without a baseline and for the single-task row itself.</summary>
    public required IReadOnlyList<TaskChange> DeltaByTask { get; init; }

    /// <summary>Median over the tasks of their means over seeds; null where <see cref="DeltaByTask"/> is empty.</summary>
    public double? MedianTask => DeltaByTask.Count == 0 ? null
        : DeltaByTask.Any(task => double.IsNaN(task.Change.Mean)) ? double.NaN
        : Statistics.Median([.. DeltaByTask.Select(task => task.Change.Mean)]);

    /// <summary>The task with the smallest mean over seeds, NaN being smaller than any; null where <see cref="DeltaByTask"/> is empty.</summary>
    public TaskChange? WorstTask => DeltaByTask.MinBy(task => double.IsNaN(task.Change.Mean) ? double.NegativeInfinity : task.Change.Mean);

    /// <summary>Percent, positive is better; null without a baseline and for the single-task row itself.</summary>
    public Estimate? DeltaTask { get; init; }

    /// <summary><see cref="RelativeChange.OverMetrics"/>; as <see cref="DeltaTask"/>.</summary>
    public Estimate? DeltaMetric { get; init; }

    /// <summary>Mean over the metrics of the rank among the group's multi-task rows, 1 the best; null for single-task.</summary>
    public double? Rank { get; init; }

    /// <summary>Beside the sweep's reference; null for that row itself, for single-task, and without a common seed.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary><see cref="BestCandidates"/>; null below three seeds.</summary>
    public bool? MayBeBest { get; init; }

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
