namespace KdMtlBench.Plugins;

/// <summary>MGDA's upper bound: α = argmin ‖Σ αᵢ ∂Lᵢ/∂z‖² over the simplex, with z the shared representation of the whole
/// batch; one backward pass then carries Σ αᵢ ∂Lᵢ/∂z through the trunk.</summary>
/// <remarks>Sener &amp; Koltun, NeurIPS 2018, eq. 5 (MGDA-UB). Solver and normalisations as for <c>mgda</c>. Refused for tasks with
/// samples of their own: there each row of z carries one task's gradient, so that the gradients never meet.</remarks>
[Strategy("mgda-ub", Title = "MGDA-UB", Family = StrategyFamily.Gradient, BackwardPasses = "1",
    Paper = "Sener & Koltun, NeurIPS 2018, eq. 5")]
public sealed class MgdaUb(MinimumNormOptions options) : MinimumNormStrategy(options)
{
    public override GradientPoint At => GradientPoint.Representation;

    public override StrategyRequirements Requirements => base.Requirements | StrategyRequirements.SharedSamples;
}
