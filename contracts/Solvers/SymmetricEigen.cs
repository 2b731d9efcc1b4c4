namespace KdMtlBench.Contracts.Solvers;

/// <summary>Eigenvalues and eigenvectors of a small symmetric matrix: M = V diag(λ) Vᵀ.</summary>
/// <param name="Values">λ, in no order.</param>
/// <param name="Vectors">V, [entries, values]: column k belongs to <c>Values[k]</c>.</param>
/// <param name="Converged">All that is left off the diagonal is rounding.</param>
public sealed record SymmetricEigen(double[] Values, double[,] Vectors, bool Converged)
{
    private const double Rounding = 1e-16;

    private const int Sweeps = 60;

    /// <summary>Cyclic Jacobi rotations (Golub &amp; Van Loan, section 8.5).</summary>
    /// <param name="matrix">Symmetric, finite.</param>
    /// <remarks>Small eigenvalues of a Gramian of vectors with very unlike lengths come out with small relative errors,
    /// which reduction to tridiagonal form does not give (Demmel &amp; Veselić, SIAM J. Matrix Anal. 13, 1992).</remarks>
    public static SymmetricEigen Of(double[,] matrix)
    {
        var count = matrix.GetLength(0);
        var rotated = (double[,])matrix.Clone();
        var vectors = new double[count, count];
        for (var i = 0; i < count; i++)
            vectors[i, i] = 1;
        var converged = false;
        for (var sweep = 0; sweep < Sweeps && !converged; sweep++)
        {
            converged = true;
            for (var p = 0; p < count; p++)
            {
                for (var q = p + 1; q < count; q++)
                    converged &= !Rotate(rotated, vectors, p, q);
            }
        }
        return new SymmetricEigen([.. Enumerable.Range(0, count).Select(i => rotated[i, i])], vectors, converged);
    }

    /// <summary>M⁺b: the shortest x with the least ‖Mx − b‖.</summary>
    /// <param name="right">b.</param>
    /// <param name="rankTolerance">Eigenvalues below this share of the largest count as zero.</param>
    public double[] Shortest(double[] right, double rankTolerance)
    {
        var entries = Enumerable.Range(0, right.Length).ToArray();
        var solution = new double[right.Length];
        foreach (var k in entries.Where(k => Values[k] > rankTolerance * Values.Max()))
        {
            var share = entries.Sum(i => Vectors[i, k] * right[i]) / Values[k];
            solution = [.. solution.Select((value, i) => value + share * Vectors[i, k])];
        }
        return solution;
    }

    /// <summary>Makes entry (p, q) zero; false where it is so already, up to rounding.</summary>
    private static bool Rotate(double[,] matrix, double[,] vectors, int p, int q)
    {
        var entry = matrix[p, q];
        if (Math.Abs(entry) <= Rounding * Math.Sqrt(Math.Abs(matrix[p, p])) * Math.Sqrt(Math.Abs(matrix[q, q])))
            return false;
        var theta = (matrix[q, q] - matrix[p, p]) / (2 * entry);
        var tangent = 1 / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1)) * (theta < 0 ? -1 : 1);
        var cosine = 1 / Math.Sqrt(tangent * tangent + 1);
        var sine = tangent * cosine;
        for (var i = 0; i < vectors.GetLength(0); i++)
        {
            (vectors[i, p], vectors[i, q]) = (cosine * vectors[i, p] - sine * vectors[i, q], sine * vectors[i, p] + cosine * vectors[i, q]);
            if (i == p || i == q)
                continue;
            var (left, right) = (matrix[i, p], matrix[i, q]);
            matrix[i, p] = matrix[p, i] = cosine * left - sine * right;
            matrix[i, q] = matrix[q, i] = sine * left + cosine * right;
        }
        matrix[p, p] -= tangent * entry;
        matrix[q, q] += tangent * entry;
        matrix[p, q] = matrix[q, p] = 0;
        return true;
    }
}
