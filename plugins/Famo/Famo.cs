using TorchSharp.Modules;

namespace KdMtlBench.Plugins;

/// <summary>Fast adaptive multitask optimisation: with z = softmax(ξ), the network descends on Σ wᵢ Lᵢ with
/// w = c z / L, c = 1 / Σ zⱼ/Lⱼ, which lowers the log losses at like rates; after its step, on the same batch,
/// ξ descends along δ = (∂z/∂ξ)ᵀ (log L(θₜ) − log L(θₜ₊₁)).</summary>
/// <remarks>Liu, Feng, Stone &amp; Liu, NeurIPS 2023, algorithm 1; ξ by Adam, as the authors' code does. Losses must be
/// positive (<see cref="PositiveLosses"/>); the lower bounds that the paper subtracts are taken as 0. Terms that other
/// strategies add are balanced but do not enter δ.</remarks>
[Strategy("famo", Title = "FAMO", Family = StrategyFamily.LossWeighting,
    Paper = "Liu, Feng, Stone & Liu, NeurIPS 2023, algorithm 1")]
public sealed class Famo(FamoOptions options) : LossWeighting
{
    private Parameter? _xi;

    public override void Attach(ITrainingSetup setup) =>
        _xi = setup.Train(zeros(setup.Tasks.Count), options.LearningRate, options.WeightDecay);

    protected override Tensor Weights(ITrainingStep step, Tensor objectives)
    {
        var weights = softmax(_xi!.detach(), 0) / PositiveLosses.Of(step, objectives);
        return weights / weights.sum();
    }

    public override void AfterStep(ITrainingStep step)
    {
        using var _ = no_grad();
        var before = PositiveLosses.Of(step, stack(step.Losses));
        var decrease = before.log() - PositiveLosses.Of(step, step.LossesNow()).log();
        var z = softmax(_xi!, 0);
        _xi!.grad = z * (decrease - (z * decrease).sum());
    }
}

public sealed record FamoOptions
{
    [Description("of the weights' logits"), Range(0, 10)]
    public double LearningRate { get; init; } = 0.025;

    [Description("of the weights' logits: the larger, the closer to even weights"), Range(0, 1)]
    public double WeightDecay { get; init; } = 1e-3;
}
