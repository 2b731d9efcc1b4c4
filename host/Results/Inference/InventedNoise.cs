using MathNet.Numerics.Distributions;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>How invented runs scatter.</summary>
public enum InventedNoise
{
    /// <summary>As the intervals assume.</summary>
    Normal,

    /// <summary>Exponential in the rows and normal in the reference, since the same skew in both would cancel in the difference.</summary>
    Skewed,

    /// <summary>Student's t of 3 degrees of freedom: a seed now and then lies far out.</summary>
    HeavyTailed,
}

/// <summary>Draws it, with mean 0 and deviation 1.</summary>
internal static class InventedNoises
{
    private const double HeavyDegrees = 3;

    /// <param name="noise">Which.</param>
    /// <param name="random">Where it comes from.</param>
    /// <param name="reference">Whether of the reference row.</param>
    public static double Draw(this InventedNoise noise, Random random, bool reference) => noise switch
    {
        InventedNoise.Skewed when !reference => Exponential.Sample(random, 1) - 1,
        InventedNoise.HeavyTailed => StudentT.Sample(random, 0, 1, HeavyDegrees) / Math.Sqrt(HeavyDegrees / (HeavyDegrees - 2)),
        _ => Normal.Sample(random, 0, 1),
    };
}
