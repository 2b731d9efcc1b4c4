using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>α-fair combination: weights w &gt; 0 with Gw = w^(−1/α), entry by entry; the direction is Σ wᵢgᵢ.</summary>
/// <remarks>Ban &amp; Ji, ICML 2024, section 4 and algorithm 1. α = 1 is Nash-MTL's proportional fairness; α → 0 sums the
/// gradients' own improvements, α → ∞ evens them out. The authors' code solves a least-squares form that ends where its
/// residual is small; here the equation is solved to rounding. Their script clips the shared gradient to length 1 and multiplies
/// the direction by K: <c>clip-norm: 1</c>, <c>times-tasks: true</c>.</remarks>
[Strategy("fairgrad", Title = "FairGrad", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Ban & Ji, ICML 2024, algorithm 1")]
public sealed class FairGrad(FairGradOptions options) : GramianStrategy
{
    public override ScaleResponse ScaleResponse => options.Alpha == 1 ? ScaleResponse.None : ScaleResponse.Full;

    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        var solution = PowerEquation.Solve(gramian, 1 / options.Alpha);
        if (!solution.Converged)
            step.ReportSolverFailure("Gw = w^(−1/α): not solved; the gradients may be Pareto stationary", solution.Residual);
        return solution.Weights;
    }

    /// <summary>w, [tasks].</summary>
    public static double[] Weights(double[,] gramian, double alpha) => PowerEquation.Solve(gramian, 1 / alpha).Weights;
}

public sealed record FairGradOptions
{
    [Description("fairness: 1 is the default of the authors' class, 2 that of their scripts"), Range(0.1, 10)]
    public double Alpha { get; init; } = 1;
}
