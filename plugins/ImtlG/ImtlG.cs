using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>Impartial gradients: the direction Σ αᵢgᵢ with Σ αᵢ = 1 has the same projection on every gᵢ/‖gᵢ‖:
/// Gα ∝ √diag(G). With β = α‖g‖ and C the cosines: β ∝ C⁺1.</summary>
/// <remarks>Liu et al., ICLR 2021, section 3.1, where α₂…α_K = g₁Uᵀ(DUᵀ)⁻¹. Weights may be negative, and where Σ βᵢ/‖gᵢ‖ is,
/// Σ αᵢ = 1 turns the direction round. Gradients of no length have no weight. Where gradients are dependent, β is the shortest
/// solution; where there is none, the failure is reported, and if Σ αᵢ = 1 cannot hold either, the weights are 0.</remarks>
[Strategy("imtl-g", Title = "IMTL-G", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Liu et al., ICLR 2021, section 3.1")]
public sealed class ImtlG(ImtlGOptions options) : GramianStrategy
{
    public override ScaleResponse ScaleResponse => ScaleResponse.LengthOnly;

    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        var solution = EqualProjections.Solve(gramian, options.RankTolerance);
        if (!solution.Converged)
            step.ReportSolverFailure("no direction has equal projections on all gradients", solution.Residual);
        return solution.SummingToOne();
    }
}

public sealed record ImtlGOptions
{
    [Description("eigenvalues of the cosines below this share of the largest count as zero"), Range(0, 1)]
    public double RankTolerance { get; init; } = 1e-6;
}
