using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>Projection of the mean gradient g₀ on the dual cone {d : gⱼ·d ≥ 0 for all j}: Jᵀw with w = argmin wᵀGw over
/// w ≥ 1/K.</summary>
/// <remarks>Lopez-Paz &amp; Ranzato, NeurIPS 2017, eq. 8 to 11, who project a new task's gradient; with the mean gradient in its
/// place as in TorchJD, which adds a multiple of the identity to the normalised Gramian where here the projection is exact.</remarks>
[Strategy("dualproj", Title = "DualProj", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Lopez-Paz & Ranzato (GEM), NeurIPS 2017, eq. 11")]
public sealed class DualProj(DualProjOptions options) : GramianStrategy
{
    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        var projection = Project(gramian);
        if (!projection.Converged)
            step.ReportSolverFailure("cone projection: not converged", projection.Gap);
        var weights = projection.Weights;
        return options.Reduction == DualProjReduction.Sum ? [.. weights.Select(weight => weight * weights.Length)] : weights;
    }

    /// <summary>Weights of the projected mean gradient, [tasks].</summary>
    public static double[] Weights(double[,] gramian) => Project(gramian).Weights;

    private static ConeProjection Project(double[,] gramian) =>
        ConeProjection.Solve(gramian, [.. Enumerable.Repeat(1.0 / gramian.GetLength(0), gramian.GetLength(0))]);
}

public enum DualProjReduction
{
    Mean,
    Sum,
}

public sealed record DualProjOptions
{
    [Description("mean: the mean gradient is projected; sum: the sum of the gradients")]
    public DualProjReduction Reduction { get; init; }
}
