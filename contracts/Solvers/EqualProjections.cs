using static KdMtlBench.Contracts.Solvers.SmallMatrix;

namespace KdMtlBench.Contracts.Solvers;

/// <summary>The direction Σ βᵢgᵢ/‖gᵢ‖ with the projection 1 on every gᵢ/‖gᵢ‖, from the Gramian of the vectors alone:
/// Cβ = 1 with C the cosines.</summary>
/// <param name="UnitWeights">β = C⁺1, [vectors]: of the vectors at unit length.</param>
/// <param name="Weights">β/‖g‖, [vectors]: of the vectors themselves; 0 for those of zero length.</param>
/// <param name="Projections">Cβ, [vectors].</param>
/// <param name="Residual">The largest |Cβ − 1|, over vectors with a length.</param>
/// <param name="Converged"><see cref="Residual"/> is within the tolerance: such a direction exists.</param>
/// <remarks>If vectors are dependent, β is the shortest solution; if there is none, the nearest point.</remarks>
public sealed record EqualProjections(double[] UnitWeights, double[] Weights, double[] Projections, double Residual, bool Converged)
{
    /// <summary>Solves by eigenvalues.</summary>
    /// <param name="gramian">[vectors, vectors], symmetric, positive semi-definite up to rounding, finite. Its scale does not
    /// matter.</param>
    /// <param name="rankTolerance">Eigenvalues of the cosines below this share of the largest count as zero.</param>
    /// <param name="tolerance">The largest <see cref="Residual"/> that counts as converged.</param>
    public static EqualProjections Solve(double[,] gramian, double rankTolerance = 1e-6, double tolerance = 1e-3)
    {
        var norms = Norms(gramian);
        var cosines = Cosines(gramian, norms);
        var ones = norms.Select(norm => norm > 0 ? 1.0 : 0).ToArray();
        var balanced = SymmetricEigen.Of(cosines).Shortest(ones, rankTolerance);
        var projections = Times(cosines, balanced);
        var residual = projections.Zip(ones, (have, wanted) => Math.Abs(have - wanted)).Max();
        var weights = balanced.Zip(norms, (value, norm) => norm > 0 ? value / norm : 0);
        return new EqualProjections(balanced, [.. weights], projections, residual, residual <= tolerance);
    }

    /// <summary><see cref="Weights"/> scaled to sum to 1, which reverses the direction if their sum is negative;
    /// 0 if it is zero.</summary>
    public double[] SummingToOne()
    {
        var (sum, size) = (Weights.Sum(), Weights.Sum(Math.Abs));
        return [.. Weights.Select(weight => Math.Abs(sum) > 1e-9 * size ? weight / sum : 0)];
    }
}
