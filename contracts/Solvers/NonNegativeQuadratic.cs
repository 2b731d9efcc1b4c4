using static KdMtlBench.Contracts.Solvers.SmallMatrix;

namespace KdMtlBench.Contracts.Solvers;

/// <summary>argmin xᵀMx − 2bᵀx over x ≥ 0 by an active set (Lawson &amp; Hanson, 1974, ch. 23), from M and b alone.</summary>
internal static class NonNegativeQuadratic
{
    /// <summary>Descents below this are rounding, for M with a diagonal near 1 and b no longer than that.</summary>
    private const double Rounding = 1e-14;

    /// <summary>Starts at 0; ends where no entry descends, or after so many iterations.</summary>
    public static double[] Minimise(double[,] matrix, double[] right, int iterations)
    {
        var count = right.Length;
        var x = new double[count];
        var refused = new HashSet<int>();
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            var descents = right.Zip(Times(matrix, x), (wanted, have) => wanted - have).ToArray();
            for (var i = 0; i < count; i++)
                descents[i] = x[i] > 0 || refused.Contains(i) ? 0 : descents[i];
            var entry = Array.IndexOf(descents, descents.Max());
            if (descents[entry] <= Rounding)
                break;
            if (Correct(matrix, right, x, entry) is { } corrected)
            {
                x = corrected;
                refused.Clear();
            }
            else
            {
                refused.Add(entry);
            }
        }
        return x;
    }

    /// <summary>The optimum over the entries of x in use and one more, less those that would become negative on the way;
    /// null where rounding hides it.</summary>
    private static double[]? Correct(double[,] matrix, double[] right, double[] x, int entry)
    {
        x = [.. x];
        var active = Enumerable.Range(0, x.Length).Where(i => x[i] > 0 || i == entry).ToList();
        while (CholeskySolve(matrix, right, active) is { } target)
        {
            var steps = active.Select((i, k) => target[k] > 0 ? 1 : x[i] / (x[i] - target[k])).ToArray();
            var step = steps.Min();
            for (var k = 0; k < active.Count; k++)
                x[active[k]] = Math.Max(0, x[active[k]] + step * (target[k] - x[active[k]]));
            if (step == 1)
                return x;
            var blocking = active[Array.IndexOf(steps, step)];
            if (blocking == entry)
                return null;
            x[blocking] = 0;
            active.Remove(blocking);
        }
        return null;
    }
}
