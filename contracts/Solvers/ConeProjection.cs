using static KdMtlBench.Contracts.Solvers.SmallMatrix;

namespace KdMtlBench.Contracts.Solvers;

/// <summary>The point nearest to Σ uᵢgᵢ that has no negative inner product with any gᵢ, from their Gramian G alone:
/// Σ wᵢgᵢ with w = argmin wᵀGw over w ≥ u.</summary>
/// <param name="Weights">w, [vectors].</param>
/// <param name="Gap">The largest violation of w ≥ u, Gw ≥ 0, (w − u)ᵀGw = 0, with gᵢ of unit length and Σ wᵢ‖gᵢ‖ = 1.</param>
/// <param name="Converged"><see cref="Gap"/> is within the tolerance.</param>
/// <remarks>The Karush–Kuhn–Tucker conditions of the projection on the dual cone of the vectors: Lopez-Paz &amp; Ranzato,
/// NeurIPS 2017, eq. 11; Quinton &amp; Rey, 2024, proposition 1.</remarks>
public sealed record ConeProjection(double[] Weights, double Gap, bool Converged)
{
    /// <summary>Solves for vectors scaled to unit length.</summary>
    /// <param name="gramian">[vectors, vectors], symmetric, positive semi-definite up to rounding, finite. Its scale does not
    /// matter.</param>
    /// <param name="combination">u, [vectors], not negative: what is projected.</param>
    /// <param name="iterations">The maximum number of active-set iterations; the best point so far is returned when it is reached.</param>
    /// <param name="tolerance">The largest <see cref="Gap"/> that counts as converged.</param>
    public static ConeProjection Solve(double[,] gramian, double[] combination, int iterations = 250, double tolerance = 1e-5)
    {
        var norms = Norms(gramian);
        var cosines = Cosines(gramian, norms);
        var lengths = combination.Zip(norms, (weight, norm) => weight * norm).ToArray();
        var longest = lengths.Max();
        if (longest == 0)
            return new ConeProjection(combination, 0, true);
        var scaled = lengths.Select(length => length / longest).ToArray();
        return Ridge.Best(With, solution => solution.Gap, tolerance);

        ConeProjection With(double ridge)
        {
            var added = Multipliers(cosines, scaled, ridge, iterations);
            var gap = Violation(cosines, scaled, added);
            var weights = combination.Select((weight, i) => norms[i] > 0 ? weight + added[i] / norms[i] * longest : weight);
            return new ConeProjection([.. weights], gap, gap <= tolerance);
        }
    }

    /// <summary>v = argmin (u + v)ᵀC(u + v) + ridge vᵀv over v ≥ 0.</summary>
    private static double[] Multipliers(double[,] cosines, double[] scaled, double ridge, int iterations)
    {
        var matrix = (double[,])cosines.Clone();
        for (var i = 0; i < scaled.Length; i++)
            matrix[i, i] += ridge;
        return NonNegativeQuadratic.Minimise(matrix, [.. Times(cosines, scaled).Select(product => -product)], iterations);
    }

    private static double Violation(double[,] cosines, double[] scaled, double[] added)
    {
        var weights = scaled.Zip(added, (u, v) => u + v).ToArray();
        var reach = weights.Sum();
        return Times(cosines, weights).Select((product, i) => Math.Max(-product, product * added[i] / reach)).Max() / reach;
    }
}
