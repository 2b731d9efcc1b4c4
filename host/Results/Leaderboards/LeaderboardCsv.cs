using System.Globalization;
using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary><c>leaderboard.csv</c>: raw values, one row a benchmark, model and strategy.</summary>
public static class LeaderboardCsv
{
    /// <summary>Writes atomically.</summary>
    /// <param name="leaderboard">Its groups share one header; a metric that a benchmark does not have is an empty field.</param>
    /// <param name="path">The file.</param>
    /// <param name="includeTimes">False leaves out what two runs of the same sweep never have alike: times and memory.</param>
    public static void Write(Leaderboard leaderboard, string path, bool includeTimes = true)
    {
        var columns = Columns(leaderboard).Where(column => includeTimes || !column.Varies).ToList();
        CsvFile.Write(
            path,
            [.. columns.Select(column => column.Name)],
            from leaderboardGroup in leaderboard.Groups
            from row in leaderboardGroup.Rows
            select columns.ConvertAll(column => column.Text(leaderboardGroup, row)));
    }

    private static IEnumerable<Column> Columns(Leaderboard leaderboard)
    {
        var metrics = leaderboard.Groups.SelectMany(group => group.Metrics).DistinctBy(metric => metric.Key);
        return
        [
            new("benchmark", row => row.Benchmark),
            new("model", row => row.Model),
            new("strategy", row => row.Strategy),
            new("seeds", row => row.Seeds.ToString(CultureInfo.InvariantCulture)),
            new("failed", row => row.Failed.ToString(CultureInfo.InvariantCulture)),
            .. metrics.SelectMany(metric => Estimates(metric.Key, row => row.Metrics.GetValueOrDefault(metric.Key))),
            .. Estimates("delta_task", row => row.DeltaTask),
            .. Estimates("delta_metric", row => row.DeltaMetric),
            new("median_task", row => CsvFile.Text(row.MedianTask)),
            new("worst_task", row => CsvFile.Text(row.WorstTask?.Change.Mean)),
            new("worst_task.name", row => row.WorstTask?.Task ?? ""),
            .. Tasks(leaderboard),
            new("rank", row => CsvFile.Text(row.Rank)),
            new("may_be_best", row => Text(row.MayBeBest)),
            .. Verdicts(leaderboard),
            .. Places("place", group => group.Ranking),
            .. leaderboard.Ranking is { } ranking ? Places("place_overall", _ => ranking) : [],
            new("step_ms", row => CsvFile.Text(row.StepMilliseconds), varies: true),
            new("step_ratio", row => CsvFile.Text(row.StepRatio), varies: true),
            new("backward_passes", row => CsvFile.Text(row.BackwardPasses)),
            new("peak_mib", row => CsvFile.Text(row.PeakMebibytes), varies: true),
            new("train_s", row => CsvFile.Text(row.TrainSeconds), varies: true),
            new("teacher_s", row => CsvFile.Text(row.TeacherSeconds), varies: true),
            new("solver_failures", row => row.SolverFailures.ToString(CultureInfo.InvariantCulture)),
        ];
    }

    private static Column[] Estimates(string name, Func<LeaderboardRow, Estimate?> estimate) =>
    [
        new(name, row => CsvFile.Text(estimate(row)?.Mean)),
        new($"{name}.ci95", row => CsvFile.Text(estimate(row)?.Ci95)),
    ];

    /// <summary>Δ of each task.</summary>
    private static IEnumerable<Column> Tasks(Leaderboard leaderboard) => leaderboard.Groups
        .SelectMany(group => group.Rows).SelectMany(row => row.DeltaByTask).Select(task => task.Task).Distinct()
        .SelectMany(name => Estimates($"delta.{name}", row => row.DeltaByTask.FirstOrDefault(task => task.Task == name)?.Change));

    /// <summary>The verdict that counts, then those at all margins.</summary>
    private static IEnumerable<Column> Verdicts(Leaderboard leaderboard) =>
    [
        new("reference", (group, row) => row.Verdict is null ? "" : group.Family.Rule.Reference),
        new("to_reference", row => CsvFile.Text(row.Verdict?.Difference)),
        new("to_reference.simultaneous_ci95", row => CsvFile.Text(row.Verdict?.HalfWidth)),
        new("to_reference.seeds", row => row.Verdict?.Seeds.ToString(CultureInfo.InvariantCulture) ?? ""),
        new("margin", (group, row) => row.Verdict is null ? "" : CsvFile.Text(group.Family.Rule.Margin)),
        .. Verdict("verdict", group => group.Family.Rule.Margin),
        .. leaderboard.Groups.SelectMany(group => group.Family.Margins).Distinct()
            .SelectMany(margin => Verdict(FormattableString.Invariant($"verdict_at_{margin}"), _ => margin)),
    ];

    private static Column[] Verdict(string name, Func<LeaderboardGroup, double> margin) =>
    [
        new(name, (group, row) => row.Verdict is { } verdict ? VerdictText.Id(verdict.At(margin(group))) : ""),
        new($"{name}.seeds_to_decide", (group, row) => row.Verdict is { } verdict && verdict.At(margin(group)) == Decision.Undecided
            ? verdict.SeedsToDecide(margin(group))?.ToString(CultureInfo.InvariantCulture) ?? "" : ""),
    ];

    private static Column[] Places(string name, Func<LeaderboardGroup, BlockRanking> ranking) =>
    [
        new(name, (group, row) => CsvFile.Text(ranking(group).Of(row.Strategy)?.MeanRank)),
        new($"{name}.tied_with_best", (group, row) => Text(ranking(group).Of(row.Strategy)?.TiedWithBest)),
        new($"{name}.friedman_p", (group, _) => CsvFile.Text(ranking(group).Test?.Probability)),
        new($"{name}.critical_difference", (group, _) => CsvFile.Text(ranking(group).Test?.CriticalDifference)),
    ];

    private static string Text(bool? value) => value switch { true => "true", false => "false", null => "" };

    private sealed record Column(string Name, Func<LeaderboardGroup, LeaderboardRow, string> Text, bool Varies = false)
    {
        public Column(string name, Func<LeaderboardRow, string> text, bool varies = false)
            : this(name, (_, row) => text(row), varies)
        {
        }
    }
}
