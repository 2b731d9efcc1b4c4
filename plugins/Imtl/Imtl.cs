using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>Impartial multi-task learning, both halves: the losses e^(sᵢ) Lᵢ − sᵢ with s learnt with the network (IMTL-L), and in
/// the shared parameters the direction Σ αᵢgᵢ of their gradients, Σ αᵢ = 1, with the same projection on every gᵢ/‖gᵢ‖ (IMTL-G).</summary>
/// <remarks>Liu et al., ICLR 2021, algorithm 1. Heads and s follow the scaled losses themselves, without α. What
/// <c>imtl-l</c> and <c>imtl-g</c> say of losses and of dependent gradients holds here; the weights in the records are α.
/// The same as <c>[imtl-l, imtl-g]</c>.</remarks>
[Strategy("imtl", Title = "IMTL", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Liu et al., ICLR 2021, algorithm 1")]
public sealed class Imtl(ImtlOptions options) : GramianStrategy
{
    private Tensor? _s;

    public override StrategyRequirements Requirements => StrategyRequirements.PositiveLosses;

    public override ScaleResponse ScaleResponse => ScaleResponse.Absorbed;

    public override void Initialise(ITrainingSetup setup) =>
        _s = setup.AddTaskParameter(zeros(setup.Tasks.Count, dtype: setup.Dtype), options.LearningRate ?? setup.LearningRate);

    public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
    {
        var scales = exp(_s!);
        return [.. losses.Select((loss, i) => scales[i] * loss - _s![i])];
    }

    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        var solution = EqualProjections.Solve(gramian, options.RankTolerance);
        if (!solution.Converged)
            step.ReportSolverFailure("no direction has equal projections on all gradients", solution.Residual);
        return solution.SummingToOne();
    }
}

public sealed record ImtlOptions
{
    [Description("learning rate of s; by default the model's initial one"), Range(0, 10)]
    public double? LearningRate { get; init; }

    [Description("eigenvalues of the cosines below this share of the largest count as zero"), Range(0, 1)]
    public double RankTolerance { get; init; } = 1e-6;
}
