using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>Direction-oriented multi-objective descent: w ← Π(w − β P (w + λ/K · 1)), some times over, with Π the projection
/// on the simplex and P = J₁J₂ᵀ from two batches of their own; the direction is (Σ wᵢgᵢ + λ mean gᵢ) / (1 + λ) on a third.</summary>
/// <remarks>Xiao, Ban &amp; Ji, NeurIPS 2023, algorithm 1. As in the authors' code P is divided by the square of its mean
/// √diagonal and the direction by 1 + λ, and one pair of batches serves all the moves of a step; the code's momentum of
/// 0.5 is left out. The first step has equal weights. Their script clips the shared gradient to length 1 and multiplies the
/// direction by K: <c>clip-norm: 1</c>, <c>times-tasks: true</c>.</remarks>
[Strategy("sdmgrad", Title = "SDMGrad", Family = StrategyFamily.Gradient, BackwardPasses = "3K",
    Paper = "Xiao, Ban & Ji, NeurIPS 2023, algorithm 1")]
public sealed class SdmGrad(SdmGradOptions options) : DoubleSamplingStrategy
{
    protected override Tensor AppliedWeights(Tensor weights) => (weights + options.Lambda / weights.shape[0]) / (1 + options.Lambda);

    protected override double[] UpdateWeights(double[] weights, double[,] products)
    {
        var tasks = Enumerable.Range(0, weights.Length);
        var scale = tasks.Average(i => Math.Sqrt(Math.Max(0, products[i, i])));
        for (var iteration = 0; iteration < options.Iterations && scale > 0; iteration++)
        {
            var slope = SmallMatrix.Times(products, [.. weights.Select(weight => weight + options.Lambda / weights.Length)]);
            weights = Simplex.Project([.. weights.Select((weight, i) => weight - options.StepSize * slope[i] / scale / scale)]);
        }
        return weights;
    }
}

public sealed record SdmGradOptions
{
    [Description("λ: 0 gives the minimum norm; the larger, the closer to the mean gradient"), Range(0, 1e6)]
    public double Lambda { get; init; } = 0.3;

    [Description("β, step size of the weights"), Range(0, 1e6)]
    public double StepSize { get; init; } = 5;

    [Description("updates of the weights per step"), Range(1, 10_000)]
    public int Iterations { get; init; } = 20;
}
