namespace KdMtlBench.Contracts.Solvers;

/// <summary>The linear algebra that the solvers need for a few dozen vectors, in double precision.</summary>
public static class SmallMatrix
{
    /// <summary>Pivots below this are rounding, for vectors of unit length.</summary>
    private const double Rounding = 1e-14;

    /// <summary>Lengths of the vectors of a Gramian.</summary>
    public static double[] Norms(double[,] gramian) =>
        [.. Enumerable.Range(0, gramian.GetLength(0)).Select(i => Math.Sqrt(Math.Max(0, gramian[i, i])))];

    /// <summary>The Gramian of the vectors at unit length; zero for those of zero length.</summary>
    /// <param name="gramian">[vectors, vectors].</param>
    /// <param name="norms">[vectors].</param>
    public static double[,] Cosines(double[,] gramian, double[] norms)
    {
        var scaled = new double[norms.Length, norms.Length];
        for (var i = 0; i < norms.Length; i++)
        {
            for (var j = 0; j < norms.Length; j++)
                scaled[i, j] = norms[i] > 0 && norms[j] > 0 ? gramian[i, j] / norms[i] / norms[j] : 0;
        }
        return scaled;
    }

    /// <summary>A square matrix times a vector.</summary>
    public static double[] Times(double[,] matrix, double[] vector)
    {
        var product = new double[vector.Length];
        for (var i = 0; i < vector.Length; i++)
        {
            for (var j = 0; j < vector.Length; j++)
                product[i] += matrix[i, j] * vector[j];
        }
        return product;
    }

    /// <summary>The inner product of two vectors.</summary>
    public static double Dot(double[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();

    /// <summary>Solves the rows and columns in <paramref name="active"/>; null if they are dependent up to rounding.</summary>
    internal static double[]? CholeskySolve(double[,] matrix, double[] right, IReadOnlyList<int> active)
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
}
