using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>The strategies on one benchmark with one model.</summary>
/// <param name="Benchmark">Label.</param>
/// <param name="Model">Label.</param>
/// <param name="Constants">Settings and provenance that all records of this group share, and not those of every group.</param>
/// <param name="Metrics">Of all tasks, in the order of the benchmark.</param>
/// <param name="Rows">The single-task row first, then from the best <c>delta_task</c> to the worst.</param>
/// <param name="Ranking">The strategies over this group's seeds.</param>
/// <param name="Family">What the rows' verdicts are part of.</param>
/// <param name="Failures">In the order of the runs' ids.</param>
/// <param name="Notes">What a reader must know about these rows.</param>
public sealed record LeaderboardGroup(
    string Benchmark,
    string Model,
    IReadOnlyDictionary<string, string> Constants,
    IReadOnlyList<TaskMetric> Metrics,
    IReadOnlyList<LeaderboardRow> Rows,
    BlockRanking Ranking,
    VerdictFamily Family,
    IReadOnlyList<FailedRun> Failures,
    IReadOnlyList<string> Notes);
