using static KdMtlBench.Contracts.Solvers.SmallMatrix;

namespace KdMtlBench.Contracts.Solvers;

/// <summary>argmin g_w·g₀ + c‖g₀‖‖g_w‖ over the simplex, with g_w = Σ wᵢgᵢ and g₀ the mean gradient, from the Gramian G alone.</summary>
/// <param name="Weights">w, [vectors], on the simplex.</param>
/// <param name="Gap">The duality gap over c‖g₀‖ max ‖gᵢ‖; 0 where ‖g_w‖ is rounding.</param>
/// <param name="Converged"><see cref="Gap"/> is within the tolerance.</param>
/// <param name="Stationary">‖g_w‖ is rounding at the optimum: the gradients are Pareto stationary.</param>
/// <remarks>‖g_w‖ = min over t &gt; 0 of (‖g_w‖²/t + t)/2. For t = c‖g₀‖τ the best w is that of the least ‖g_w + τg₀‖, a
/// minimum-norm point of the shifted gradients; ‖g_w‖ / (c‖g₀‖τ) falls with τ and is 1 at the optimum.</remarks>
public sealed record ConflictAverse(double[] Weights, double Gap, bool Converged, bool Stationary)
{
    /// <summary>‖g_w‖ below this share of the longest gradient is rounding: ‖g_w‖² is a difference of products in double
    /// precision.</summary>
    private const double Rounding = 1e-7;

    /// <summary>Solves for τ by false position (Illinois) on logarithms.</summary>
    /// <param name="gramian">[vectors, vectors], symmetric, positive semi-definite up to rounding, finite. Its scale does not
    /// matter.</param>
    /// <param name="radius">c &gt; 0.</param>
    /// <param name="iterations">The maximum number.</param>
    /// <param name="tolerance">The largest <see cref="Gap"/> that counts as converged.</param>
    public static ConflictAverse Solve(double[,] gramian, double radius, int iterations = 100, double tolerance = 1e-5)
    {
        var count = gramian.GetLength(0);
        var slopes = Times(gramian, [.. Enumerable.Repeat(1.0 / count, count)]);
        var mean = Math.Sqrt(Math.Max(0, slopes.Average()));
        var longest = Norms(gramian).Max();
        if (mean <= Rounding * Rounding * longest || radius == 0)
            return new ConflictAverse([.. Enumerable.Repeat(1.0 / count, count)], 0, true, mean == 0);

        var unit = radius * mean;
        var (low, high) = (Math.Log(Rounding * longest / unit), Math.Log(longest / unit));
        var (atLow, weights) = At(low);
        if (atLow <= 0)
            return new ConflictAverse(weights, 0, true, true);
        (var atHigh, weights) = At(high);
        for (var (iteration, side) = (0, 0); iteration < iterations && high - low > 1e-14 && atHigh < 0; iteration++)
        {
            var middle = (low * atHigh - high * atLow) / (atHigh - atLow);
            (var value, weights) = At(middle);
            if (Math.Abs(value) <= 1e-15)
                break;
            if (value > 0)
            {
                atHigh = side > 0 ? atHigh / 2 : atHigh;
                (low, atLow, side) = (middle, value, 1);
            }
            else
            {
                atLow = side < 0 ? atLow / 2 : atLow;
                (high, atHigh, side) = (middle, value, -1);
            }
        }
        if (Length(weights) <= Rounding * longest)
            return new ConflictAverse(weights, 0, true, true);
        var gap = Slack(weights) / (unit * longest);
        return new ConflictAverse(weights, gap, gap <= tolerance, false);

        (double Value, double[] Weights) At(double logarithm)
        {
            var tau = Math.Exp(logarithm);
            var shifted = new double[count, count];
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; j < count; j++)
                    shifted[i, j] = gramian[i, j] + tau * (slopes[i] + slopes[j]) + tau * tau * mean * mean;
            }
            var best = MinimumNorm.Solve(shifted, tolerance: 1e-10).Weights;
            return (Math.Log(Math.Max(Length(best), 1e-3 * Rounding * longest) / (unit * tau)), best);
        }

        double Length(double[] at) => Math.Sqrt(Math.Max(0, Dot(at, Times(gramian, at))));

        double Slack(double[] at)
        {
            var length = Length(at);
            var derivatives = slopes.Zip(Times(gramian, at), (slope, product) => slope + unit * product / length).ToArray();
            return Dot(at, derivatives) - derivatives.Min();
        }
    }
}
