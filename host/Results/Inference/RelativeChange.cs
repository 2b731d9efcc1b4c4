namespace KdMtlBench.Host.Results.Inference;

/// <summary>Two ways of condensing all metrics to one change against single-task networks, in percent; positive is better in both.</summary>
/// <remarks>They can disagree in sign on the same numbers: with two metrics for one task and five for another, the second
/// has 5/7 of <see cref="OverMetrics"/> and half of <see cref="OverTasks"/>. Both are therefore always shown. Metrics that say so
/// (<see cref="Metric.CountsInDelta"/>) are left out.</remarks>
public static class RelativeChange
{
    /// <summary><c>delta_task</c>: mean over the tasks of the mean over that task's metrics.</summary>
    /// <param name="metrics">What is compared; gives tasks and directions.</param>
    /// <param name="values">By <see cref="TaskMetric.Key"/>; a metric that is missing is NaN, and so is the result.</param>
    /// <param name="baseline">By the same keys.</param>
    public static double OverTasks(
        IReadOnlyList<TaskMetric> metrics, IReadOnlyDictionary<string, double> values, IReadOnlyDictionary<string, double> baseline) =>
        metrics.Where(metric => metric.Metric.CountsInDelta).GroupBy(metric => metric.Task)
            .Select(task => task.Average(metric => Of(metric, values, baseline)))
            .DefaultIfEmpty(double.NaN)
            .Average();

    /// <summary><c>delta_metric</c>: mean over all metrics; parameters as in <see cref="OverTasks"/>.</summary>
    public static double OverMetrics(
        IReadOnlyList<TaskMetric> metrics, IReadOnlyDictionary<string, double> values, IReadOnlyDictionary<string, double> baseline) =>
        metrics.Where(metric => metric.Metric.CountsInDelta).Select(metric => Of(metric, values, baseline)).DefaultIfEmpty(double.NaN).Average();

    private static double Of(TaskMetric metric, IReadOnlyDictionary<string, double> values, IReadOnlyDictionary<string, double> baseline)
    {
        var reference = baseline.GetValueOrDefault(metric.Key, double.NaN);
        var gain = values.GetValueOrDefault(metric.Key, double.NaN) - reference;
        return 100 * (metric.Metric.HigherIsBetter ? gain : -gain) / Math.Abs(reference);
    }
}
