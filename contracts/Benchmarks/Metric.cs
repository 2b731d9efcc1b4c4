namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>A metric of a task: its unit, whether higher is better, its best value, and what it is used for.</summary>
/// <remarks>Use <see cref="Fraction"/>, <see cref="Error"/> or <see cref="Score"/> if one of them fits.</remarks>
/// <param name="Id">kebab-case: <c>miou</c>.</param>
/// <param name="Unit">For tables: <c>%</c>, <c>m</c>, <c>°</c>, or empty.</param>
/// <param name="HigherIsBetter">Whether higher values are better.</param>
/// <param name="Scored">False for a value that is only recorded in every epoch, such as a point of the plane.</param>
public sealed record Metric(string Id, string Unit, bool HigherIsBetter, bool Scored = true)
{
    /// <summary>The best possible value: epochs and settings are selected by the distance from it. Null if there is
    /// none, as for a reward or a PSNR: such a metric takes no part in the selection.</summary>
    public double? Ideal { get; init; } = HigherIsBetter ? (Unit == "%" ? 1 : null) : 0;

    /// <summary>The factor that converts values to <see cref="Unit"/> for display: 100 for fractions shown in percent.</summary>
    public double DisplayFactor { get; init; } = Unit == "%" ? 100 : 1;

    /// <summary>Whether it counts in Δ, the relative change against single-task networks. Set it to false if values can be zero or
    /// negative, as for R²: a change relative to them is meaningless.</summary>
    public bool CountsInDelta { get; init; } = true;

    /// <summary>A fraction from 0 to 1, shown in percent; 1 is best.</summary>
    public static Metric Fraction(string id) => new(id, "%", HigherIsBetter: true);

    /// <summary>An error that is never negative; 0 is best.</summary>
    public static Metric Error(string id, string unit = "") => new(id, unit, HigherIsBetter: false);

    /// <summary>A score of which higher values are better.</summary>
    /// <param name="id">kebab-case: <c>psnr</c>.</param>
    /// <param name="unit">For tables.</param>
    /// <param name="ideal">The best value; null if there is none.</param>
    /// <param name="countsInDelta">False if values can be zero or negative.</param>
    public static Metric Score(string id, string unit = "", double? ideal = null, bool countsInDelta = true) =>
        new(id, unit, HigherIsBetter: true) { Ideal = ideal, DisplayFactor = 1, CountsInDelta = countsInDelta };
}
