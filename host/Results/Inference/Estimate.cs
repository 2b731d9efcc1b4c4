namespace KdMtlBench.Host.Results.Inference;

/// <summary>A mean over seeds.</summary>
/// <param name="Mean">NaN where one of the values is.</param>
/// <param name="Ci95">Half width of the 95 % confidence interval; null below three seeds.</param>
/// <param name="Seeds">How many.</param>
public sealed record Estimate(double Mean, double? Ci95, int Seeds)
{
    /// <summary>Null for no values.</summary>
    public static Estimate? Of(IReadOnlyList<double> values) =>
        values.Count == 0 ? null : new Estimate(Statistics.Mean(values), Statistics.Ci95(values), values.Count);

    /// <summary>In another unit.</summary>
    public Estimate Times(double factor) => this with { Mean = Mean * factor, Ci95 = Ci95 * factor };
}
