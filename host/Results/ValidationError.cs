using KdMtlBench.Host.Benchmarks;

namespace KdMtlBench.Host.Results;

/// <summary>What epochs, and settings in tuning, are selected by.</summary>
public static class ValidationError
{
    /// <summary>Mean over tasks of the mean over metrics of log error, the error being the distance from the ideal (1 for
    /// fractions, 0 for errors): free of units, so that no task outweighs another. Smaller is better; +∞ where a metric is
    /// not a number.</summary>
    /// <param name="metrics">The scored ones.</param>
    /// <param name="validation">Their values by <see cref="TaskMetric.Key"/>.</param>
    public static double Of(IEnumerable<TaskMetric> metrics, IReadOnlyDictionary<string, double> validation)
    {
        var error = metrics.GroupBy(metric => metric.Task, StringComparer.Ordinal).Average(task => task.Average(metric =>
        {
            var value = validation[metric.Key];
            return Math.Log(Math.Max(metric.Metric.HigherIsBetter ? 1 - value : value, 1e-12));
        }));
        return double.IsNaN(error) ? double.PositiveInfinity : error;
    }
}
