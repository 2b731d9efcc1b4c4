using KdMtlBench.Contracts.Solvers;
using static KdMtlBench.Contracts.Solvers.SmallMatrix;

namespace KdMtlBench.Plugins;

/// <summary>Impartial gradients: the direction Σ αᵢgᵢ with Σ αᵢ = 1 has the same projection on every gᵢ/‖gᵢ‖:
/// Gα ∝ √diag(G). With β = α‖g‖ and C the cosines: β ∝ C⁺1.</summary>
/// <remarks>Liu et al., ICLR 2021, section 3.1, where α₂…α_K = g₁Uᵀ(DUᵀ)⁻¹. Weights may be negative, and where Σ βᵢ/‖gᵢ‖ is,
/// Σ αᵢ = 1 turns the direction round. Gradients of no length have no weight. Where gradients are dependent, β is the shortest
/// solution; where there is none, the failure is reported, and if Σ αᵢ = 1 cannot hold either, the weights are 0.</remarks>
[Strategy("imtl-g", Title = "IMTL-G", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Liu et al., ICLR 2021, section 3.1")]
public sealed class ImtlG(ImtlGOptions options) : GramianWeighting
{
    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        var (weights, residual) = Solve(gramian, options.RankTolerance);
        if (residual > 1e-3)
            step.ReportSolverFailure($"no direction has equal projections on all gradients: residual {residual:g3}");
        return weights;
    }

    /// <summary>α, [tasks].</summary>
    public static double[] Weights(double[,] gramian, double rankTolerance = 1e-6) => Solve(gramian, rankTolerance).Weights;

    private static (double[] Weights, double Residual) Solve(double[,] gramian, double rankTolerance)
    {
        var norms = Norms(gramian);
        var cosines = Cosines(gramian, norms);
        var ones = norms.Select(norm => norm > 0 ? 1.0 : 0).ToArray();
        var balanced = SymmetricEigen.Of(cosines).Shortest(ones, rankTolerance);
        var weights = balanced.Zip(norms, (value, norm) => norm > 0 ? value / norm : 0).ToArray();
        var residual = Times(cosines, balanced).Zip(ones, (have, wanted) => Math.Abs(have - wanted)).Max();
        var (sum, size) = (weights.Sum(), weights.Sum(Math.Abs));
        return ([.. weights.Select(weight => Math.Abs(sum) > 1e-9 * size ? weight / sum : 0)], residual);
    }
}

public sealed record ImtlGOptions
{
    [Description("eigenvalues of the cosines below this share of the largest count as zero"), Range(0, 1)]
    public double RankTolerance { get; init; } = 1e-6;
}
