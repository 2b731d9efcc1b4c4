using System.Globalization;
using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>The sentences around the tables, the same for every form a reader sees.</summary>
public static class LeaderboardText
{
    /// <summary>The title, or what stands in for it.</summary>
    public static string Title(Leaderboard leaderboard) => leaderboard.Title.Length > 0 ? leaderboard.Title : "Leaderboard";

    /// <summary>Benchmark and model.</summary>
    public static string Heading(LeaderboardGroup group) => $"{group.Benchmark} · {group.Model}";

    /// <summary>Of several benchmarks or models.</summary>
    public const string AllGroupsHeading = "All benchmarks and models";

    /// <summary>Factor to what readers see: records hold fractions where these see percent.</summary>
    public static double Scale(TaskMetric metric) => metric.Metric.DisplayFactor;

    /// <summary>What runs have in common, one line a subject: <c>training</c> → <c>batch-size 16, epochs 20</c>.</summary>
    /// <param name="constants">Of a leaderboard or a group.</param>
    /// <param name="includeTimes">False leaves out how the program was called, as it leaves out times.</param>
    public static IEnumerable<(string Subject, string Facts)> Constants(IReadOnlyDictionary<string, string> constants, bool includeTimes = true) => constants
        .Where(fact => includeTimes || fact.Key is not (Provenance.Command or Provenance.Parallel))
        .GroupBy(fact => fact.Key.Split('.')[0], fact => fact.Key.Contains('.') ? $"{fact.Key[(fact.Key.IndexOf('.') + 1)..]} {fact.Value}" : fact.Value)
        .Select(subject => (subject.Key, string.Join(", ", subject)));

    /// <summary>What Friedman's test and Nemenyi's critical difference say; nothing where there is no test.</summary>
    public static IEnumerable<string> Ranking(BlockRanking ranking)
    {
        if (ranking.Test is not { } test)
            yield break;
        yield return $"Friedman's test of Δ task, {ranking.Ranks.Count} strategies over {ranking.Blocks} {(ranking.Groups > 1 ? "blocks (benchmark × seed)" : "seeds")}: "
            + $"F = {Number(test.F)}, {Probability(test.Probability)} (χ² = {Number(test.ChiSquare)}). "
            + $"Nemenyi's critical difference of mean places: {Number(test.CriticalDifference)}. Tied with the best: "
            + $"{string.Join(", ", ranking.Ranks.Where(rank => rank.TiedWithBest).Select(rank => rank.Strategy))}.";
        if (ranking.LeftOut.Count > 0)
            yield return $"Left out of it for want of a result in every block: {string.Join(", ", ranking.LeftOut)}.";
    }

    /// <summary><c>p = 0.012</c>.</summary>
    public static string Probability(double probability) => probability < 0.001 ? "p < 0.001" : $"p = {probability.ToString("0.000", CultureInfo.InvariantCulture)}";

    /// <summary>How the tables are to be read.</summary>
    /// <param name="best">How the best value is set off: <c>bold</c>, <c>green</c>.</param>
    public static IReadOnlyList<string> Legend(string best) =>
    [
        "Test metrics: mean over seeds ± half width of the 95 % confidence interval (Student's t); n = 1 or n = 2: too few seeds for one.",
        "Δ: difference from the single-task networks of the same seed, in % of the single-task mean, positive is better. Δ task: mean over tasks of "
            + "the mean over each task's metrics. Δ metric: mean over all metrics. The two can differ in sign. Their intervals hold the baselines' noise too.",
        "Δ of a task: the mean over its metrics; of four and more tasks, of which one can make the mean, the median task and the worst one by their means over seeds.",
        "rank: mean over the metrics of the rank among the multi-task rows, 1 is best.",
        $"{best}: best multi-task mean. †: may be the best in Δ task: no other row beats it (one-sided paired t-tests at 5 % over the number of other rows). "
            + "The best row is among these and the best mean with 95 %.",
        .. VerdictText.Legend,
        "Everything else is exploratory: intervals that hold for one row at a time, ranks and places. place: mean over blocks of the rank by Δ task, a block being a seed of a benchmark and model. ‡: not distinguishable from the best place: "
            + "Friedman's test (in Iman and Davenport's form) finds no difference at all, or the places are nearer than Nemenyi's critical difference.",
        "Cost: step ms is the median over steps, then seeds, evaluation left out; step ratio is to `uniform`; peak MiB is the largest resident "
            + "memory of the process; times are means over seeds. The single-task row adds up its runs, one a task.",
    ];

    /// <summary>A failed run in one line.</summary>
    public static string Failure(FailedRun failure) => $"{failure.Id} (seed {failure.Seed}): {failure.Reason}";

    private static string Names(IEnumerable<LeaderboardRow> rows) => string.Join(", ", rows.Select(row => row.Strategy));

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
