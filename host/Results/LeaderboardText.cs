namespace KdMtlBench.Host.Results;

/// <summary>The sentences around the tables, the same for every form a reader sees.</summary>
public static class LeaderboardText
{
    /// <summary>The title, or what stands in for it.</summary>
    public static string Title(Leaderboard leaderboard) => leaderboard.Title.Length > 0 ? leaderboard.Title : "Leaderboard";

    /// <summary>Benchmark and model.</summary>
    public static string Heading(LeaderboardGroup group) => $"{group.Benchmark} · {group.Model}";

    /// <summary>What all runs have in common, one line a subject: <c>training</c> → <c>batch-size 16, epochs 20</c>.</summary>
    public static IEnumerable<(string Subject, string Facts)> Constants(Leaderboard leaderboard) => leaderboard.Constants
        .GroupBy(fact => fact.Key.Split('.')[0], fact => fact.Key.Contains('.') ? $"{fact.Key[(fact.Key.IndexOf('.') + 1)..]} {fact.Value}" : fact.Value)
        .Select(subject => (subject.Key, string.Join(", ", subject)));

    /// <summary>How the tables are to be read.</summary>
    /// <param name="best">How the best value is set off: <c>bold</c>, <c>green</c>.</param>
    public static IReadOnlyList<string> Legend(string best) =>
    [
        "Test metrics: mean over seeds ± half width of the 95 % confidence interval (Student's t).",
        "Δ: change relative to the single-task networks of the same seed, in %, positive is better. Δ task: mean over tasks of the mean over "
            + "each task's metrics. Δ metric: mean over all metrics. The two can differ in sign. Their intervals hold the baselines' noise too.",
        "rank: mean over the metrics of the place among the multi-task rows, 1 is best.",
        $"{best}: best multi-task mean. †: its Δ task is not distinguishable from the best one (paired t-test over seeds, Holm-corrected, p ≥ 0.05).",
        "Cost: step ms is the median over steps, then seeds, evaluation left out; step ratio is to `uniform`; peak MiB is the largest resident "
            + "memory of the process; times are means over seeds. The single-task row adds up its runs, one a task.",
    ];

    /// <summary>A failed run in one line.</summary>
    public static string Failure(FailedRun failure) => $"{failure.Id} (seed {failure.Seed}): {failure.Reason}";
}
