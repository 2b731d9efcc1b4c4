using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>Unconflicting projection of gradients: each gᵢ is projected on the dual cone {d : gⱼ·d ≥ 0 for all j}, and the
/// direction is the mean of the projections: (1/K) Σᵢ Jᵀwᵢ with wᵢ = argmin wᵀGw over w ≥ eᵢ.</summary>
/// <remarks>Quinton &amp; Rey, "Jacobian descent for multi-objective optimization", 2024, section 3. TorchJD adds a multiple
/// of the identity to the normalised Gramian; here the projections are exact.</remarks>
[Strategy("upgrad", Title = "UPGrad", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Quinton & Rey, arXiv:2406.16232, 2024, section 3")]
public sealed class UpGrad(UpGradOptions options) : GramianStrategy
{
    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        var projections = Projections(gramian);
        foreach (var failed in projections.Where(projection => !projection.Converged))
            step.ReportSolverFailure("cone projection: not converged", failed.Gap);
        var weights = Sum(projections);
        return options.Reduction == UpGradReduction.Sum ? weights : [.. weights.Select(weight => weight / weights.Length)];
    }

    /// <summary>Weights of the mean of the projections, [tasks].</summary>
    public static double[] Weights(double[,] gramian) => [.. Sum(Projections(gramian)).Select(weight => weight / gramian.GetLength(0))];

    /// <summary>wᵢ of every task, [tasks][tasks].</summary>
    public static ConeProjection[] Projections(double[,] gramian)
    {
        var tasks = Enumerable.Range(0, gramian.GetLength(0)).ToArray();
        return [.. tasks.Select(i => ConeProjection.Solve(gramian, [.. tasks.Select(j => i == j ? 1.0 : 0)]))];
    }

    private static double[] Sum(ConeProjection[] projections) =>
        [.. projections.Select((_, task) => projections.Sum(projection => projection.Weights[task]))];
}

public enum UpGradReduction
{
    Mean,
    Sum,
}

public sealed record UpGradOptions
{
    [Description("mean: as in the paper; sum: K times as much, the scale of the summed losses")]
    public UpGradReduction Reduction { get; init; }
}
