using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>Multi-objective descent with double sampling: λ ← Π(λ − γ (J₁J₂ᵀλ + ρλ)), with Π the projection on the simplex
/// and J₁, J₂ the gradients on two batches of their own; the direction is Σ λᵢgᵢ on a third.</summary>
/// <remarks>Chen, Fernando, Ying &amp; Chen, NeurIPS 2023, algorithm 1, with LibMTL's ℓ₂ term and defaults. Heads take the
/// gradient of the third batch only. The first step has equal weights, where the paper makes a first move before it.</remarks>
[Strategy("modo", Title = "MoDo", Family = StrategyFamily.Gradient, BackwardPasses = "3K",
    Paper = "Chen, Fernando, Ying & Chen, NeurIPS 2023, algorithm 1")]
public sealed class MoDo(MoDoOptions options) : DoubleSamplingStrategy
{
    protected override double[] UpdateWeights(double[] weights, double[,] products)
    {
        var slope = SmallMatrix.Times(products, weights);
        return Simplex.Project([.. weights.Select((weight, i) => weight - options.StepSize * (slope[i] + options.Regularisation * weight))]);
    }
}

public sealed record MoDoOptions
{
    [Description("γ, step size of the weights"), Range(0, 1e6)]
    public double StepSize { get; init; } = 1e-3;

    [Description("ρ: pulls towards equal weights"), Range(0, 1e6)]
    public double Regularisation { get; init; } = 0.1;
}
