using KdMtlBench.Contracts.Solvers;
using static KdMtlBench.Contracts.Solvers.SmallMatrix;

namespace KdMtlBench.Plugins;

/// <summary>Conflict-free gradients: the direction u of unit length with one and the same cosine to every gᵢ, at the length
/// Σ gᵢ·u. With C the cosines, u ∝ Σ βᵢ gᵢ/‖gᵢ‖, β = C⁺1.</summary>
/// <remarks>Liu, Chu &amp; Thuerey, ICLR 2025, where u is the pseudo-inverse of the unit gradients times 1: the same, by their
/// Gramian. Gradients of no length have no weight. Where no such direction exists, the failure is reported and the
/// nearest one is taken; where that has no length, the weights are 0.</remarks>
[Strategy("config", Title = "ConFIG", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Liu, Chu & Thuerey, ICLR 2025, conflict-free update")]
public sealed class ConFig(ConFigOptions options) : GramianStrategy
{
    public override ScaleResponse ScaleResponse => ScaleResponse.LengthOnly;

    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        var solution = EqualProjections.Solve(gramian, options.RankTolerance);
        if (!solution.Converged)
            step.ReportSolverFailure("no direction has equal cosines to all gradients", solution.Residual);
        return AtLength(gramian, solution);
    }

    /// <summary>Weights of the gradients, [tasks].</summary>
    public static double[] Weights(double[,] gramian, double rankTolerance = 1e-6) =>
        AtLength(gramian, EqualProjections.Solve(gramian, rankTolerance));

    private static double[] AtLength(double[,] gramian, EqualProjections solution)
    {
        var square = Dot(solution.UnitWeights, solution.Projections);
        var rounding = 1e-9 * Dot(solution.UnitWeights, solution.UnitWeights);
        var length = square > rounding ? Dot(Norms(gramian), solution.Projections) / square : 0;
        return [.. solution.Weights.Select(weight => length * weight)];
    }
}

public sealed record ConFigOptions
{
    [Description("eigenvalues of the cosines below this share of the largest count as zero"), Range(0, 1)]
    public double RankTolerance { get; init; } = 1e-6;
}
