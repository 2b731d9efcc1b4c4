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
public sealed class ConFig(ConFigOptions options) : GramianWeighting
{
    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        var (weights, residual) = Solve(gramian, options.RankTolerance);
        if (residual > 1e-3)
            step.ReportSolverFailure($"no direction has equal cosines to all gradients: residual {residual:g3}");
        return weights;
    }

    /// <summary>Weights of the gradients, [tasks], and how far Cβ is from 1.</summary>
    public static (double[] Weights, double Residual) Solve(double[,] gramian, double rankTolerance = 1e-6)
    {
        var norms = Norms(gramian);
        var cosines = Cosines(gramian, norms);
        var ones = norms.Select(norm => norm > 0 ? 1.0 : 0).ToArray();
        var balanced = SymmetricEigen.Of(cosines).Shortest(ones, rankTolerance);
        var projections = Times(cosines, balanced);
        var square = Dot(balanced, projections);
        var scale = square > 1e-9 * Dot(balanced, balanced) ? Dot(norms, projections) / square : 0;
        var residual = projections.Zip(ones, (have, wanted) => Math.Abs(have - wanted)).Max();
        return ([.. balanced.Zip(norms, (value, norm) => norm > 0 ? scale * value / norm : 0)], residual);
    }
}

public sealed record ConFigOptions
{
    [Description("eigenvalues of the cosines below this share of the largest count as zero"), Range(0, 1)]
    public double RankTolerance { get; init; } = 1e-6;
}
