using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>MGDA's upper bound: α = argmin ‖Σ αᵢ ∂Lᵢ/∂z‖² over the simplex, with z the shared representation of the whole
/// batch; one backward pass then carries Σ αᵢ ∂Lᵢ/∂z through the trunk.</summary>
/// <remarks>Sener &amp; Koltun, NeurIPS 2018, eq. 5 (MGDA-UB). Solver and normalisations as for <c>mgda</c>.</remarks>
[Strategy("mgda-ub", Title = "MGDA-UB", Family = StrategyFamily.Gradient, BackwardPasses = "1",
    Paper = "Sener & Koltun, NeurIPS 2018, eq. 5")]
public sealed class MgdaUb(MinimumNormOptions options) : MinimumNormWeighting(options)
{
    protected override GradientPoint At => GradientPoint.Representation;
}
