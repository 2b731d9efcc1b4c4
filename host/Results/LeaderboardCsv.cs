using System.Globalization;

namespace KdMtlBench.Host.Results;

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
            leaderboard.Groups.SelectMany(group => group.Rows).Select(row => columns.ConvertAll(column => column.Text(row))));
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
            new("rank", row => CsvFile.Text(row.Rank)),
            new("tied_with_best", row => row.TiedWithBest switch { true => "true", false => "false", null => "" }),
            new("step_ms", row => CsvFile.Text(row.StepMilliseconds), Varies: true),
            new("step_ratio", row => CsvFile.Text(row.StepRatio), Varies: true),
            new("backward_passes", row => CsvFile.Text(row.BackwardPasses)),
            new("peak_mib", row => CsvFile.Text(row.PeakMebibytes), Varies: true),
            new("train_s", row => CsvFile.Text(row.TrainSeconds), Varies: true),
            new("teacher_s", row => CsvFile.Text(row.TeacherSeconds), Varies: true),
            new("solver_failures", row => row.SolverFailures.ToString(CultureInfo.InvariantCulture)),
        ];
    }

    private static Column[] Estimates(string name, Func<LeaderboardRow, Estimate?> estimate) =>
    [
        new(name, row => CsvFile.Text(estimate(row)?.Mean)),
        new($"{name}.ci95", row => CsvFile.Text(estimate(row)?.Ci95)),
    ];

    private sealed record Column(string Name, Func<LeaderboardRow, string> Text, bool Varies = false);
}
