namespace KdMtlBench.Plugins;

/// <summary>Impartial loss balance: s is learnt with the network on Σ (e^(sᵢ) Lᵢ − sᵢ), whose minimum over s makes all
/// scaled losses e^(sᵢ) Lᵢ equal to 1.</summary>
/// <remarks>Liu et al., ICLR 2021, section on loss balance (IMTL-L), with base e. No weight decay on s. Losses must be
/// positive, or s grows without end. In LibMTL s follows the network's learning-rate schedule: <c>follow-schedule: true</c>.</remarks>
[Strategy("imtl-l", Title = "IMTL-L", Family = StrategyFamily.LossWeighting,
    Paper = "Liu et al., ICLR 2021, loss balance e^s L - s")]
public sealed class ImtlL(ImtlLOptions options) : ObjectiveStrategy
{
    private Tensor? _s;

    public override StrategyRequirements Requirements => StrategyRequirements.PositiveLosses;

    public override ScaleResponse ScaleResponse => ScaleResponse.Absorbed;

    public override bool MayTurnNegative => true;

    public override bool OnlyScalesGradients => true;

    public override void Initialise(ITrainingSetup setup) =>
        _s = setup.AddTaskParameter(zeros(setup.Tasks.Count, dtype: setup.Dtype), options.LearningRate ?? setup.LearningRate);

    public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
    {
        var weights = exp(_s!);
        step.RecordWeights(weights);
        return [.. losses.Select((loss, i) => weights[i] * loss - _s![i])];
    }
}

public sealed record ImtlLOptions
{
    [Description("learning rate of s; by default the model's initial one"), Range(0, 10)]
    public double? LearningRate { get; init; }
}
