namespace KdMtlBench.Plugins;

/// <summary>Multiple-gradient descent: α = argmin ‖Σ αᵢ gᵢ‖² over αᵢ ≥ 0, Σ αᵢ = 1, with gᵢ the gradient of Lᵢ with
/// respect to the shared parameters; these follow Σ αᵢ gᵢ, heads their own gradient.</summary>
/// <remarks>Sener &amp; Koltun, NeurIPS 2018, eq. 3 and algorithm 2. The solver runs to the exact optimum; the paper's is
/// <c>solver: frank-wolfe</c>. Normalisations are those of the authors' code: used to find α, never to apply it.</remarks>
[Strategy("mgda", Title = "MGDA", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Sener & Koltun, NeurIPS 2018, eq. 3, algorithm 2")]
public sealed class Mgda(MinimumNormOptions options) : MinimumNormStrategy(options);
