using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using KdMtlBench.Contracts.Solvers;
using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>MGDA: α = argmin ‖Σ αᵢ gᵢ‖² over the simplex; the direction is Σ αᵢ gᵢ.</summary>
/// <remarks>
/// Gradients are divided by a scale (<see cref="GradientNormalisation"/>) only to find α; α then weights the unscaled gradients, as in the
/// authors' code. With a normalisation the direction need not be a descent direction for every task.
/// </remarks>
public abstract class MinimumNormStrategy(MinimumNormOptions options) : GramianStrategy
{
    /// <inheritdoc />
    public override StrategyRequirements Requirements => ByLosses ? StrategyRequirements.PositiveLosses : StrategyRequirements.None;

    private bool ByLosses => options.Normalisation is GradientNormalisation.Loss or GradientNormalisation.LossPlus;

    /// <inheritdoc />
    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var solution = Solve(gramian, ByLosses ? ReadLosses(step) : [], options);
        if (!solution.Converged)
            step.ReportSolverFailure($"minimum norm: not within the tolerance after {options.Iterations} iterations", solution.Gap);
        return solution.Weights;
    }

    /// <summary>α from the Gramian.</summary>
    /// <param name="gramian">[tasks, tasks].</param>
    /// <param name="losses">[tasks], positive; used only if the normalisation is by losses.</param>
    /// <param name="options">Normalisation and solver.</param>
    public static MinimumNorm Solve(double[,] gramian, IReadOnlyList<double> losses, MinimumNormOptions options)
    {
        var scales = Scales(gramian, losses, options.Normalisation);
        var normalised = (double[,])gramian.Clone();
        for (var i = 0; i < scales.Length; i++)
        {
            for (var j = 0; j < scales.Length; j++)
                normalised[i, j] /= scales[i] * scales[j];
        }
        return options.Solver == MinimumNormSolver.FrankWolfe
            ? MinimumNorm.FrankWolfe(normalised, options.Iterations, options.Tolerance)
            : MinimumNorm.Solve(normalised, options.Iterations, options.Tolerance);
    }

    /// <summary>What each gradient is divided by: 1, ‖gᵢ‖, Lᵢ or Lᵢ‖gᵢ‖; 1 where that is not positive.</summary>
    private static double[] Scales(double[,] gramian, IReadOnlyList<double> losses, GradientNormalisation normalisation) =>
    [
        .. Enumerable.Range(0, gramian.GetLength(0)).Select(i => normalisation switch
        {
            GradientNormalisation.L2 => Math.Sqrt(gramian[i, i]),
            GradientNormalisation.Loss => losses[i],
            GradientNormalisation.LossPlus => losses[i] * Math.Sqrt(gramian[i, i]),
            _ => 1,
        }).Select(scale => scale > 0 ? scale : 1),
    ];

    /// <summary>The step's second device-to-host copy, made only for the normalisations by losses.</summary>
    private static double[] ReadLosses(ITrainingStep step)
    {
        using var losses = PositiveLosses.Of(stack(step.Losses)).to(ScalarType.Float64).cpu();
        return losses.data<double>().ToArray();
    }
}

/// <summary>Options of MGDA's two forms.</summary>
public sealed record MinimumNormOptions
{
    /// <summary>What gradients are divided by to find α.</summary>
    [Description("what gradients are divided by to find the weights: none, l2 (norm), loss, loss-plus (loss times norm)")]
    public GradientNormalisation Normalisation { get; init; }

    /// <summary>How α is found.</summary>
    [Description("fully-corrective: exact; frank-wolfe: the paper's iteration, which may stop short")]
    public MinimumNormSolver Solver { get; init; }

    /// <summary>The maximum number of iterations.</summary>
    [Description("iterations of the solver at most"), Range(1, 1_000_000)]
    public int Iterations { get; init; } = 250;

    /// <summary>Largest <see cref="MinimumNorm.Gap"/> that counts as solved.</summary>
    [Description("distance to the optimum, relative, that counts as solved"), Range(0, 1)]
    public double Tolerance { get; init; } = 1e-5;
}

/// <summary>What MGDA divides gradients by to find their weights.</summary>
public enum GradientNormalisation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The gradient's norm.</summary>
    L2,

    /// <summary>The task's loss.</summary>
    Loss,

    /// <summary>The task's loss times the gradient's norm.</summary>
    LossPlus,
}

/// <summary>How the minimum-norm point is found.</summary>
public enum MinimumNormSolver
{
    /// <summary><see cref="MinimumNorm.Solve"/>.</summary>
    FullyCorrective,

    /// <summary><see cref="MinimumNorm.FrankWolfe"/>.</summary>
    FrankWolfe,
}
