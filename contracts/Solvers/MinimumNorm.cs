namespace KdMtlBench.Contracts.Solvers;

/// <summary>The point of least norm in the convex hull of some vectors, from their Gramian G alone:
/// argmin αᵀGα over α ≥ 0, Σα = 1.</summary>
/// <param name="Weights">α, [vectors], on the simplex.</param>
/// <param name="Gap">How far α is from the optimum: the largest (αᵀGα − (Gα)ₜ) / (‖gₜ‖ Σ αⱼ‖gⱼ‖). The numerator is the
/// Frank–Wolfe duality gap towards vertex t, the denominator the most that (Gα)ₜ could be, so that the figure has no
/// unit and means the same for vectors of any length.</param>
/// <param name="Converged"><see cref="Gap"/> is within the tolerance.</param>
public sealed record MinimumNorm(double[] Weights, double Gap, bool Converged)
{
    /// <summary>Pivots and descents below this are rounding, for vectors of unit length.</summary>
    private const double Rounding = 1e-14;

    /// <summary>Added to the diagonal, for vectors of unit length: keeps dependent vectors apart and shares weight evenly among equals.</summary>
    private const double DoubleRidge = 1e-12;

    /// <summary>The second try's: a Gramian summed in single precision may be indefinite by about 1e-7.</summary>
    private const double SingleRidge = 1e-6;

    /// <summary>The optimum as exactly as the Gramian allows: closed form for two vectors, otherwise fully corrective Frank–Wolfe.</summary>
    /// <param name="gramian">[vectors, vectors], symmetric, positive semi-definite up to rounding, finite. Of any scale.</param>
    /// <param name="iterations">At most; the best point so far is returned when they run out.</param>
    /// <param name="tolerance">Of <see cref="Gap"/>; decides <see cref="Converged"/>.</param>
    /// <remarks>
    /// Each iteration adds the vertex of steepest descent, as plain Frank–Wolfe does, and then minimises over all vertices in use,
    /// not over one line: it ends after finitely many, where the plain form zig-zags (Wolfe, Math. Programming 11, 1976).
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
        var cosines = Scaled(gramian, norms);
        var lengths = norms.Select(norm => shortest / norm).ToArray();
        var solution = With(DoubleRidge);
        if (solution.Converged)
            return solution;
        var again = With(SingleRidge);
        return again.Gap < solution.Gap ? again : solution;

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
        var count = lengths.Length;
        var matrix = new double[count, count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
                matrix[i, j] = cosines[i, j] + lengths[i] * lengths[j];
            matrix[i, i] += ridge;
        }
        var x = new double[count];
        var refused = new HashSet<int>();
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            var descents = lengths.Zip(Times(matrix, x), (right, left) => right - left).ToArray();
            for (var i = 0; i < count; i++)
                descents[i] = x[i] > 0 || refused.Contains(i) ? 0 : descents[i];
            var vertex = Array.IndexOf(descents, descents.Max());
            if (descents[vertex] <= Rounding)
                break;
            if (Correct(matrix, lengths, x, vertex) is { } corrected)
            {
                x = corrected;
                refused.Clear();
            }
            else
            {
                refused.Add(vertex);
            }
        }
        return x;
    }

    /// <summary>The optimum over the entries of x in use and one more, less those that would become negative on the way;
    /// null where rounding hides it.</summary>
    private static double[]? Correct(double[,] matrix, double[] right, double[] x, int vertex)
    {
        x = [.. x];
        var active = Enumerable.Range(0, x.Length).Where(i => x[i] > 0 || i == vertex).ToList();
        while (CholeskySolve(matrix, right, active) is { } target)
        {
            var steps = active.Select((i, k) => target[k] > 0 ? 1 : x[i] / (x[i] - target[k])).ToArray();
            var step = steps.Min();
            for (var k = 0; k < active.Count; k++)
                x[active[k]] = Math.Max(0, x[active[k]] + step * (target[k] - x[active[k]]));
            if (step == 1)
                return x;
            var blocking = active[Array.IndexOf(steps, step)];
            if (blocking == vertex)
                return null;
            x[blocking] = 0;
            active.Remove(blocking);
        }
        return null;
    }

    /// <summary>Solves the rows and columns in <paramref name="active"/>; null where they are dependent up to rounding.</summary>
    private static double[]? CholeskySolve(double[,] matrix, double[] right, List<int> active)
    {
        var count = active.Count;
        var lower = new double[count, count];
        var solution = new double[count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var rest = matrix[active[i], active[j]];
                for (var k = 0; k < j; k++)
                    rest -= lower[i, k] * lower[j, k];
                if (i == j && rest <= Rounding)
                    return null;
                lower[i, j] = i == j ? Math.Sqrt(rest) : rest / lower[j, j];
            }
            var sum = right[active[i]];
            for (var k = 0; k < i; k++)
                sum -= lower[i, k] * solution[k];
            solution[i] = sum / lower[i, i];
        }
        for (var i = count - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < count; k++)
                solution[i] -= lower[k, i] * solution[k];
            solution[i] /= lower[i, i];
        }
        return solution;
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

    private static double[] Norms(double[,] gramian) =>
        [.. Enumerable.Range(0, gramian.GetLength(0)).Select(i => Math.Sqrt(Math.Max(0, gramian[i, i])))];

    private static double[,] Scaled(double[,] gramian, double[] norms)
    {
        var scaled = new double[norms.Length, norms.Length];
        for (var i = 0; i < norms.Length; i++)
        {
            for (var j = 0; j < norms.Length; j++)
                scaled[i, j] = gramian[i, j] / norms[i] / norms[j];
        }
        return scaled;
    }

    private static double[] Times(double[,] matrix, double[] vector)
    {
        var product = new double[vector.Length];
        for (var i = 0; i < vector.Length; i++)
        {
            for (var j = 0; j < vector.Length; j++)
                product[i] += matrix[i, j] * vector[j];
        }
        return product;
    }

    private static double Dot(double[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();

    private static double[] Normalised(double[] values)
    {
        var sum = values.Sum();
        return [.. values.Select(value => value / sum)];
    }
}
