namespace KdMtlBench.Host.Runs;

/// <summary>What epochs, and settings in tuning, are selected by.</summary>
public static class ValidationError
{
    /// <summary>Mean over tasks of the mean over metrics of log error, the error being the distance from the metric's ideal: free of units, so
    /// that no task outweighs another. Metrics without an ideal take no part. Smaller is better; +∞ where a metric is not a number.</summary>
    /// <param name="metrics">The scored ones; at least one of each task has an ideal (<see cref="Unselectable"/>).</param>
    /// <param name="validation">Their values by <see cref="TaskMetric.Key"/>.</param>
    public static double Of(IEnumerable<TaskMetric> metrics, IReadOnlyDictionary<string, double> validation)
    {
        var error = metrics.Where(metric => metric.Metric.Ideal is not null).GroupBy(metric => metric.Task, StringComparer.Ordinal).Average(task => task.Average(metric =>
        {
            var value = validation[metric.Key];
            return Math.Log(Math.Max(metric.Metric.HigherIsBetter ? metric.Metric.Ideal!.Value - value : value - metric.Metric.Ideal!.Value, 1e-12));
        }));
        return double.IsNaN(error) ? double.PositiveInfinity : error;
    }

    /// <summary>The metrics of some tasks that are scored.</summary>
    public static IReadOnlyList<TaskMetric> MetricsOf(IEnumerable<LearningTask> tasks) =>
        [.. tasks.SelectMany(task => task.Metrics.Where(metric => metric.Scored).Select(metric => new TaskMetric(task.Id, metric)))];

    /// <summary>The tasks that nothing can be selected by, since none of their metrics has an ideal.</summary>
    public static IEnumerable<string> Unselectable(IEnumerable<LearningTask> tasks) =>
        tasks.Where(task => !task.Metrics.Any(metric => metric is { Scored: true, Ideal: not null })).Select(task => task.Id);
}
