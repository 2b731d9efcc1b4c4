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
    /// <param name="denominators">What changes are relative to, by the same keys. The mean over seeds: a seed's own single-task value, where it is
    /// small by chance, would give that seed more weight, and a change of means would not be the mean of the changes.</param>
    public static double OverTasks(
        IReadOnlyList<TaskMetric> metrics, IReadOnlyDictionary<string, double> values, IReadOnlyDictionary<string, double> baseline,
        IReadOnlyDictionary<string, double> denominators) =>
        ByTask(metrics, values, baseline, denominators).Select(task => task.Change).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Of each task, in their order, those left out that have no metric that counts; parameters as in <see cref="OverTasks"/>.</summary>
    public static IEnumerable<(string Task, double Change)> ByTask(
        IReadOnlyList<TaskMetric> metrics, IReadOnlyDictionary<string, double> values, IReadOnlyDictionary<string, double> baseline,
        IReadOnlyDictionary<string, double> denominators) =>
        from metric in metrics
        where metric.Metric.CountsInDelta
        group Of(metric, values, baseline, denominators) by metric.Task into task
        select (task.Key, task.Average());

    /// <summary><c>delta_metric</c>: mean over all metrics; parameters as in <see cref="OverTasks"/>.</summary>
    public static double OverMetrics(
        IReadOnlyList<TaskMetric> metrics, IReadOnlyDictionary<string, double> values, IReadOnlyDictionary<string, double> baseline,
        IReadOnlyDictionary<string, double> denominators) =>
        metrics.Where(metric => metric.Metric.CountsInDelta).Select(metric => Of(metric, values, baseline, denominators)).DefaultIfEmpty(double.NaN).Average();

    private static double Of(
        TaskMetric metric, IReadOnlyDictionary<string, double> values, IReadOnlyDictionary<string, double> baseline, IReadOnlyDictionary<string, double> denominators)
    {
        var gain = values.GetValueOrDefault(metric.Key, double.NaN) - baseline.GetValueOrDefault(metric.Key, double.NaN);
        return 100 * (metric.Metric.HigherIsBetter ? gain : -gain) / Math.Abs(denominators.GetValueOrDefault(metric.Key, double.NaN));
    }
}
