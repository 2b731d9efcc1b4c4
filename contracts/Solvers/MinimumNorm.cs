using static KdMtlBench.Contracts.Solvers.SmallMatrix;

namespace KdMtlBench.Contracts.Solvers;

/// <summary>The point of least norm in the convex hull of some vectors, from their Gramian G alone:
/// argmin αᵀGα over α ≥ 0, Σα = 1.</summary>
/// <param name="Weights">α, [vectors], on the simplex.</param>
/// <param name="Gap">How far α is from the optimum: the largest (αᵀGα − (Gα)ₜ) / (‖gₜ‖ Σ αⱼ‖gⱼ‖). The numerator is the
/// Frank–Wolfe duality gap towards vertex t, the denominator the most that (Gα)ₜ could be, so that the number has no
/// unit and means the same for vectors of any length.</param>
/// <param name="Converged"><see cref="Gap"/> is within the tolerance.</param>
public sealed record MinimumNorm(double[] Weights, double Gap, bool Converged)
{
    /// <summary>The optimum as exactly as the Gramian allows: closed form for two vectors, otherwise fully corrective
    /// Frank–Wolfe.</summary>
    /// <param name="gramian">[vectors, vectors], symmetric, positive semi-definite up to rounding, finite. Its scale does not
    /// matter.</param>
    /// <param name="iterations">The maximum number; the best point so far is returned when it is reached.</param>
    /// <param name="tolerance">The largest <see cref="Gap"/> that counts as converged.</param>
    /// <remarks>
    /// Each iteration adds the vertex of steepest descent, as plain Frank–Wolfe does, and then minimises over all vertices in use,
    /// not over one line: it ends after finitely many iterations, while the plain form zig-zags (Wolfe, Math. Programming 11, 1976).
    /// Inside, α = x/Σx with x ≥ 0 minimising xᵀ(G + s11ᵀ)x − 2s1ᵀx, a non-negative least squares problem that has the
    /// same optimum for any s &gt; 0 (Lawson &amp; Hanson, 1974, ch. 23), solved for vectors scaled to unit length.
    /// A Gramian that rounding has made indefinite is solved once more with the rounding of single precision on its diagonal.
    /// </remarks>
    public static MinimumNorm Solve(double[,] gramian, int iterations = 250, double tolerance = 1e-5)
    {
        var norms = Norms(gramian);
        var shortest = norms.Min();
        if (shortest == 0)
            return Certified(gramian, Normalised([.. norms.Select(norm => norm == 0 ? 1.0 : 0)]), tolerance);
        if (norms.Length == 2)
            return Certified(gramian, ClosedForm(gramian), tolerance);
        var cosines = Cosines(gramian, norms);
        var lengths = norms.Select(norm => shortest / norm).ToArray();
        return Ridge.Best(With, solution => solution.Gap, tolerance);

        MinimumNorm With(double ridge)
        {
            var x = FullyCorrective(cosines, lengths, ridge, iterations);
            return Certified(gramian, Normalised([.. x.Zip(lengths, (value, length) => value * length)]), tolerance);
        }
    }

    /// <summary>Frank–Wolfe with exact line search from equal weights, as in Sener &amp; Koltun, NeurIPS 2018, algorithm 2.</summary>
    /// <inheritdoc cref="Solve"/>
    /// <remarks>Its gap shrinks like 1/iterations where the optimum lies on a face of the simplex.</remarks>
    public static MinimumNorm FrankWolfe(double[,] gramian, int iterations = 250, double tolerance = 1e-5)
    {
        var count = gramian.GetLength(0);
        if (count == 2)
            return Solve(gramian, iterations, tolerance);
        var weights = Enumerable.Repeat(1.0 / count, count).ToArray();
        var solution = Certified(gramian, weights, tolerance);
        for (var iteration = 0; iteration < iterations && !solution.Converged; iteration++)
        {
            var products = Times(gramian, weights);
            var vertex = Array.IndexOf(products, products.Min());
            var (a, b, c) = (products[vertex], Dot(weights, products), gramian[vertex, vertex]);
            var curvature = b + c - 2 * a;
            var step = curvature > 0 ? Math.Clamp((b - a) / curvature, 0, 1) : 1;
            weights = [.. weights.Select((weight, i) => (1 - step) * weight + (i == vertex ? step : 0))];
            solution = Certified(gramian, weights, tolerance);
        }
        return solution;
    }

    /// <summary>Two vectors: α₁ = (G₂₂ − G₁₂) / (G₁₁ + G₂₂ − 2G₁₂), cut off at the ends.</summary>
    private static double[] ClosedForm(double[,] gramian)
    {
        var first = Math.Max(0, gramian[1, 1] - gramian[0, 1]);
        var second = Math.Max(0, gramian[0, 0] - gramian[0, 1]);
        return first + second > 0 ? Normalised([first, second]) : [0.5, 0.5];
    }

    /// <summary>argmin xᵀMx − 2eᵀx over x ≥ 0 with M = C + eeᵀ + ridge I.</summary>
    private static double[] FullyCorrective(double[,] cosines, double[] lengths, double ridge, int iterations)
    {
        var matrix = (double[,])cosines.Clone();
        for (var i = 0; i < lengths.Length; i++)
        {
            for (var j = 0; j < lengths.Length; j++)
                matrix[i, j] += lengths[i] * lengths[j];
            matrix[i, i] += ridge;
        }
        return NonNegativeQuadratic.Minimise(matrix, lengths, iterations);
    }

    private static MinimumNorm Certified(double[,] gramian, double[] weights, double tolerance)
    {
        var norms = Norms(gramian);
        var longest = Dot(weights, norms);
        var products = Times(gramian, weights);
        var square = Dot(weights, products);
        var gap = products.Zip(norms, (product, norm) => square <= product ? 0 : (square - product) / (norm * longest)).Max();
        return new MinimumNorm(weights, gap, gap <= tolerance);
    }

    private static double[] Normalised(double[] values)
    {
        var sum = values.Sum();
        return [.. values.Select(value => value / sum)];
    }
}
