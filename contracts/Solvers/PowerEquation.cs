using static KdMtlBench.Contracts.Solvers.SmallMatrix;

namespace KdMtlBench.Contracts.Solvers;

/// <summary>The w &gt; 0 with Gw = w^(−p), entry by entry: where ½wᵀGw − Σ wᵢ^(1−p) / (1−p) is least (p = 1: ½wᵀGw − Σ log wᵢ).</summary>
/// <param name="Weights">w, [vectors]; 0 for vectors of no length, which have no equation.</param>
/// <param name="Residual">The largest |(Gw)ᵢ wᵢ^p − 1|.</param>
/// <param name="Converged"><see cref="Residual"/> is within the tolerance.</param>
/// <remarks>There is no solution if some non-negative combination of the vectors is zero: they are Pareto stationary.</remarks>
public sealed record PowerEquation(double[] Weights, double Residual, bool Converged)
{
    /// <summary>Residuals below this are rounding.</summary>
    private const double Rounding = 1e-14;

    /// <summary>Damped Newton on the convex potential; the best point so far is returned if it stops short.</summary>
    /// <param name="gramian">[vectors, vectors], symmetric, positive semi-definite up to rounding, finite. Its scale does not
    /// matter.</param>
    /// <param name="power">p &gt; 0.</param>
    /// <param name="iterations">The maximum number.</param>
    /// <param name="tolerance">The largest <see cref="Residual"/> that counts as converged.</param>
    /// <remarks>Solved for z = wᵢ‖gᵢ‖^(2/(1+p)), which is 1 for a vector alone: with C the cosines, aᵢ = ‖gᵢ‖^((p−1)/(p+1))
    /// and y = az the equation reads Cy = a z^(−p).</remarks>
    public static PowerEquation Solve(double[,] gramian, double power, int iterations = 100, double tolerance = 1e-6)
    {
        var norms = Norms(gramian);
        var used = Enumerable.Range(0, norms.Length).Where(i => norms[i] > 0).ToArray();
        var weights = new double[norms.Length];
        if (used.Length == 0)
            return new PowerEquation(weights, 0, true);
        var all = Cosines(gramian, norms);
        var cosines = new double[used.Length, used.Length];
        for (var i = 0; i < used.Length; i++)
        {
            for (var j = 0; j < used.Length; j++)
                cosines[i, j] = all[used[i], used[j]];
        }
        var scales = used.Select(i => Math.Pow(norms[i], (power - 1) / (power + 1))).ToArray();
        var (z, residual) = Newton(cosines, scales, power, iterations);
        for (var i = 0; i < used.Length; i++)
            weights[used[i]] = z[i] * Math.Pow(norms[used[i]], -2 / (1 + power));
        return new PowerEquation(weights, residual, residual <= tolerance);
    }

    private static (double[] Z, double Residual) Newton(double[,] cosines, double[] scales, double power, int iterations)
    {
        var indices = Enumerable.Range(0, scales.Length).ToArray();
        var y = scales.Select(scale => scale * Start(cosines, scales, power)).ToArray();
        var (best, least) = (y, double.PositiveInfinity);
        for (var iteration = 0; iteration <= iterations; iteration++)
        {
            var products = Times(cosines, y);
            var residual = indices.Max(i => Math.Abs(products[i] / Wanted(y[i], i) - 1));
            if (residual < 0.99 * least) // rounding alone does not make a far point the better one
                (best, least) = (y, residual);
            var right = indices.Select(i => Wanted(y[i], i) - products[i]).ToArray();
            if (residual <= Rounding || Direction(y, right) is not { } direction)
                break;
            var step = Step(y, right, direction);
            y = [.. indices.Select(i => y[i] + step * direction[i])];
        }
        return ([.. best.Zip(scales, (value, scale) => value / scale)], least);

        double Wanted(double value, int i) => scales[i] * Math.Pow(value / scales[i], -power);

        double[]? Direction(double[] at, double[] right)
        {
            var matrix = (double[,])cosines.Clone();
            foreach (var i in indices)
                matrix[i, i] += power * Math.Pow(at[i] / scales[i], -power - 1);
            if (CholeskySolve(matrix, right, indices) is { } direction)
                return direction;
            foreach (var i in indices)
                matrix[i, i] += Ridge.Single;
            return CholeskySolve(matrix, right, indices);
        }

        // Halved until the potential, which is convex, does not rise by more than half of what it fell at first.
        double Step(double[] at, double[] right, double[] direction)
        {
            var along = Times(cosines, direction);
            var fall = Dot(right, direction);
            var step = indices.Where(i => direction[i] < 0).Select(i => 0.9 * at[i] / -direction[i]).Append(1).Min();
            while (step > 1e-9 && indices.Sum(i => direction[i] * Rise(i, step)) > 0.5 * Math.Abs(fall))
                step /= 2;
            return step;

            double Rise(int i, double length) =>
                Wanted(at[i], i) - right[i] + length * along[i] - Wanted(at[i] + length * direction[i], i);
        }
    }

    /// <summary>The best z that is the same for all; 1 where the sum of the vectors is next to nothing.</summary>
    private static double Start(double[,] cosines, double[] scales, double power)
    {
        var (squares, square) = (Dot(scales, scales), Dot(scales, Times(cosines, scales)));
        return square > Ridge.Single * squares ? Math.Pow(squares / square, 1 / (1 + power)) : 1;
    }
}
