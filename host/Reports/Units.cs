using System.Globalization;

namespace KdMtlBench.Host.Reports;

/// <summary>Metrics as readers see them.</summary>
internal static class Units
{
    /// <summary><c>accuracy % ↑</c>.</summary>
    public static string Label(TaskMetric metric) =>
        string.Join(' ', new[] { metric.Metric.Id, metric.Metric.Unit, metric.Metric.HigherIsBetter ? "↑" : "↓" }.Where(part => part.Length > 0));

    /// <summary>Four digits.</summary>
    public static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
