using MathNet.Numerics.Distributions;
using MathNet.Numerics.Integration;
using MathNet.Numerics.RootFinding;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>The studentized range with infinite degrees of freedom: largest minus smallest of several independent
/// standard normal values. MathNet.Numerics does not have it.</summary>
public static class StudentizedRange
{
    private const double Tail = 9; // beyond ± 9 the normal density is below 1e-18
    private const int Points = 256; // Gauss-Legendre; exact to double precision here
    private const double LargestQuantile = 2 * Tail;

    /// <summary>The probability of a range of at most <paramref name="range"/>: k ∫ φ(z) (Φ(z) − Φ(z − q))^(k − 1) dz, z the largest value.</summary>
    public static double Cdf(double range, int count) => count * GaussLegendreRule.Integrate(
        z => Normal.PDF(0, 1, z) * Math.Pow(Normal.CDF(0, 1, z) - Normal.CDF(0, 1, z - range), count - 1), -Tail, Tail, Points);

    /// <summary>The range that is not exceeded with this probability.</summary>
    /// <param name="probability">Above 0, below 1.</param>
    /// <param name="count">Of values, at least two.</param>
    public static double InvCdf(double probability, int count) =>
        Brent.FindRoot(range => Cdf(range, count) - probability, 0, LargestQuantile, accuracy: 1e-10);
}
