using TorchSharp.Modules;

namespace KdMtlBench.Plugins;

/// <summary>Fast adaptive multitask optimisation: with z = softmax(ξ), the network descends on Σ wᵢ Lᵢ with
/// w = c z / L, c = 1 / Σ zⱼ/Lⱼ, which lowers the log losses at equal rates; after its step, on the same batch,
/// ξ descends along δ = (∂z/∂ξ)ᵀ (log L(θₜ) − log L(θₜ₊₁)).</summary>
/// <remarks>Liu, Feng, Stone &amp; Liu, NeurIPS 2023, algorithm 1; ξ by Adam, as the authors' code does. Losses must be
/// positive; the lower bounds that the paper subtracts are taken as 0. The authors' scripts also clip the shared gradient to
/// length 1: <c>clip-norm: 1</c>.</remarks>
[Strategy("famo", Title = "FAMO", Family = StrategyFamily.LossWeighting,
    Paper = "Liu, Feng, Stone & Liu, NeurIPS 2023, algorithm 1")]
public sealed class Famo(FamoOptions options) : LossWeighting
{
    private Parameter? _xi;

    public override StrategyRequirements Requirements => StrategyRequirements.PositiveLosses;

    public override ScaleResponse ScaleResponse => ScaleResponse.LengthOnly;

    public override void Initialise(ITrainingSetup setup) =>
        _xi = setup.AddTaskParameter(zeros(setup.Tasks.Count, dtype: setup.Dtype), options.LearningRate, options.WeightDecay);

    protected override Tensor Weights(ITrainingStep step, Tensor losses)
    {
        var weights = softmax(_xi!, 0) / PositiveLosses.Of(losses);
        return weights / weights.sum();
    }

    public override void AfterStep(ITrainingStep step)
    {
        using var _ = no_grad();
        var decrease = PositiveLosses.Of(stack(step.Losses)).log() - PositiveLosses.Of(step.RecomputeLosses()).log();
        var z = softmax(_xi!, 0);
        _xi!.grad = z * (decrease - (z * decrease).sum());
    }
}

public sealed record FamoOptions
{
    [Description("learning rate of the weights' logits"), Range(0, 10)]
    public double LearningRate { get; init; } = 0.025;

    [Description("weight decay of the weights' logits: the larger, the more equal the weights"), Range(0, 1)]
    public double WeightDecay { get; init; } = 1e-3;
}
