using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>The Nash bargaining solution: weights α &gt; 0 with Gα = 1/α, entry by entry; the direction Σ αᵢgᵢ is then
/// shortened to <c>max-norm</c>.</summary>
/// <remarks>Navon et al., ICML 2022, claim 3.1 and algorithm 1. The authors' code solves the equation by a sequence of
/// convex programmes and keeps the last weights in silence where that fails; here it is solved to rounding, at every step
/// (their update interval of 1), and failures are counted. ‖Σ αᵢgᵢ‖ = √K at the solution, so that max-norm 1 always binds.
/// Heads follow their own task's gradient; the authors weigh it by α:
/// <c>weighted-heads: true</c>.</remarks>
[Strategy("nash-mtl", Title = "Nash-MTL", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Navon et al., ICML 2022, claim 3.1")]
public sealed class NashMtl(NashMtlOptions options) : GramianStrategy
{
    public override ScaleResponse ScaleResponse => ScaleResponse.None;

    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        var solution = PowerEquation.Solve(gramian, power: 1);
        if (!solution.Converged)
            step.ReportSolverFailure("Gα = 1/α: not solved; the gradients may be Pareto stationary", solution.Residual);
        return Clipped(solution.Weights, gramian, options.MaxNorm);
    }

    /// <summary>α, [tasks], shortened.</summary>
    /// <param name="gramian">[tasks, tasks].</param>
    /// <param name="maxNorm">0: none.</param>
    public static double[] Weights(double[,] gramian, double maxNorm) =>
        Clipped(PowerEquation.Solve(gramian, power: 1).Weights, gramian, maxNorm);

    private static double[] Clipped(double[] weights, double[,] gramian, double maxNorm)
    {
        var norm = Math.Sqrt(Math.Max(0, SmallMatrix.Dot(weights, SmallMatrix.Times(gramian, weights))));
        return maxNorm > 0 && norm > maxNorm ? [.. weights.Select(weight => weight * maxNorm / norm)] : weights;
    }
}

public sealed record NashMtlOptions
{
    [Description("maximum length of the direction, as in the authors' code; 0: the paper's Σ αᵢgᵢ, unlimited"), Range(0, 1e6)]
    public double MaxNorm { get; init; } = 1;
}
