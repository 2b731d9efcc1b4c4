namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>A metric of a task: its unit, which way is better, what the best value is, and what it is good for.</summary>
/// <remarks>Use <see cref="Fraction"/>, <see cref="Error"/> or <see cref="Score"/> where one of them fits.</remarks>
/// <param name="Id">kebab-case: <c>miou</c>.</param>
/// <param name="Unit">For tables: <c>%</c>, <c>m</c>, <c>°</c>, or empty.</param>
/// <param name="HigherIsBetter">Direction.</param>
/// <param name="Scored">False for what is only recorded epoch by epoch, such as a point of the plane.</param>
public sealed record Metric(string Id, string Unit, bool HigherIsBetter, bool Scored = true)
{
    /// <summary>The best value there is, as far as the unit says: epochs and settings are selected by the distance from it. Null where there is
    /// none, as of a reward or a PSNR: such a metric takes no part in the selection.</summary>
    public double? Ideal { get; init; } = HigherIsBetter ? (Unit == "%" ? 1 : null) : 0;

    /// <summary>What values are multiplied by to be shown in <see cref="Unit"/>: 100 for fractions shown in percent.</summary>
    public double DisplayFactor { get; init; } = Unit == "%" ? 100 : 1;

    /// <summary>Whether the relative change against single-task networks, Δ, takes it in. Set it to false where values can be zero or
    /// negative, as of R²: a change relative to them means nothing.</summary>
    public bool CountsInDelta { get; init; } = true;

    /// <summary>A share of what was right, from 0 to 1, shown in percent; 1 is best.</summary>
    public static Metric Fraction(string id) => new(id, "%", HigherIsBetter: true);

    /// <summary>An error that is never negative; 0 is best.</summary>
    public static Metric Error(string id, string unit = "") => new(id, unit, HigherIsBetter: false);

    /// <summary>A score whose higher values are better.</summary>
    /// <param name="id">kebab-case: <c>psnr</c>.</param>
    /// <param name="unit">For tables.</param>
    /// <param name="ideal">The best value; null where there is none.</param>
    /// <param name="countsInDelta">False where values can be zero or negative.</param>
    public static Metric Score(string id, string unit = "", double? ideal = null, bool countsInDelta = true) =>
        new(id, unit, HigherIsBetter: true) { Ideal = ideal, DisplayFactor = 1, CountsInDelta = countsInDelta };
}
