using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>Conflict-averse descent: within c‖g₀‖ of the mean gradient g₀, the direction d whose least gᵢ·d is largest:
/// d = g₀ + c‖g₀‖ g_w/‖g_w‖ with w = argmin g_w·g₀ + c‖g₀‖‖g_w‖ over the simplex, g_w = Σ wᵢgᵢ.</summary>
/// <remarks>Liu et al., NeurIPS 2021, eq. 3 and algorithm 1. The authors' code divides d by 1 + c²: <c>rescale: one-plus-c-squared</c>.
/// Where g_w = 0, the gradients are Pareto stationary and d is not determined by w; max(0, 1 − c) g₀, which is within the
/// distance, is taken, where the authors' code has g₀ and TorchJD 0. The authors' script also multiplies d by K:
/// <c>times-tasks: true</c>.</remarks>
[Strategy("cagrad", Title = "CAGrad", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Liu et al., NeurIPS 2021, algorithm 1")]
public sealed class CaGrad(CaGradOptions options) : GramianStrategy
{
    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        var solution = ConflictAverse.Solve(gramian, options.C);
        if (!solution.Converged)
            step.ReportSolverFailure("minimum over the simplex: not converged", solution.Gap);
        return Weights(gramian, solution, options);
    }

    /// <summary>Weights of the direction, [tasks].</summary>
    public static double[] Weights(double[,] gramian, CaGradOptions options) =>
        Weights(gramian, ConflictAverse.Solve(gramian, options.C), options);

    private static double[] Weights(double[,] gramian, ConflictAverse solution, CaGradOptions options)
    {
        var (w, c) = (solution.Weights, options.C);
        var even = w.Select(_ => 1.0 / w.Length).ToArray();
        var ratio = solution.Stationary || c == 0 ? 0 : c * Length(gramian, even) / Length(gramian, w);
        var mean = solution.Stationary ? Math.Max(0, 1 - c) : 1;
        var scale = options.Rescale switch
        {
            CaGradRescale.OnePlusCSquared => 1 + c * c,
            CaGradRescale.OnePlusC => 1 + c,
            _ => 1,
        };
        return [.. w.Select(weight => (mean / w.Length + ratio * weight) / scale)];
    }

    private static double Length(double[,] gramian, double[] weights) =>
        Math.Sqrt(Math.Max(0, SmallMatrix.Dot(weights, SmallMatrix.Times(gramian, weights))));
}

public enum CaGradRescale { None, OnePlusCSquared, OnePlusC }

public sealed record CaGradOptions
{
    [Description("largest distance of the direction from the mean gradient, relative to the latter's length"), Range(0, 10)]
    public double C { get; init; } = 0.4;

    [Description("what the direction is divided by: none as in the paper, one-plus-c-squared as in the authors' code, one-plus-c")]
    public CaGradRescale Rescale { get; init; }
}
