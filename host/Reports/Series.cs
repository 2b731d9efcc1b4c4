namespace KdMtlBench.Host.Reports;

/// <summary>A value over the epochs: its mean, smallest and largest over the seeds.</summary>
internal sealed record Series(double[] Epochs, double[] Mean, double[] Least, double[] Most)
{
    private const int MostPoints = 120;

    /// <summary>Epochs at which no run has a finite value are left out, and of many epochs every few.</summary>
    /// <param name="values">Of all seeds; NaN where an epoch has none.</param>
    public static Series Of(IEnumerable<(int Epoch, double Value)> values)
    {
        var points = values
            .GroupBy(point => point.Epoch, point => point.Value)
            .Select(epoch => (Epoch: epoch.Key, Values: epoch.Where(double.IsFinite).ToList()))
            .Where(point => point.Values.Count > 0)
            .OrderBy(point => point.Epoch)
            .ToList();
        var every = (points.Count + MostPoints - 1) / MostPoints;
        points = [.. points.Where((_, i) => i % every == 0 || i == points.Count - 1)];
        return new Series(
            [.. points.Select(point => (double)point.Epoch)],
            [.. points.Select(point => point.Values.Average())],
            [.. points.Select(point => point.Values.Min())],
            [.. points.Select(point => point.Values.Max())]);
    }
}
