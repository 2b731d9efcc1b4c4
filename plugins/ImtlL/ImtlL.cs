namespace KdMtlBench.Plugins;

/// <summary>Impartial loss balance: s is learnt with the network on Σ (e^(sᵢ) Lᵢ − sᵢ), whose minimum over s makes all
/// scaled losses e^(sᵢ) Lᵢ equal to 1.</summary>
/// <remarks>Liu et al., ICLR 2021, section on loss balance (IMTL-L), with base e. No weight decay on s. Losses must be
/// positive, or s grows without end (<see cref="PositiveLosses"/>).</remarks>
[Strategy("imtl-l", Title = "IMTL-L", Family = StrategyFamily.LossWeighting,
    Paper = "Liu et al., ICLR 2021, loss balance e^s L - s")]
public sealed class ImtlL(ImtlLOptions options) : LossWeighting
{
    private Tensor? _s;

    public override void Attach(ITrainingSetup setup) =>
        _s = setup.Train(zeros(setup.Tasks.Count), options.LearningRate ?? setup.LearningRate);

    protected override Tensor Weights(ITrainingStep step, Tensor objectives)
    {
        PositiveLosses.Of(step, objectives);
        return exp(_s!);
    }

    protected override Tensor Total(Tensor weights, Tensor objectives) => (weights * objectives - _s!).sum();
}

public sealed record ImtlLOptions
{
    [Description("of s; the model's own when left out"), Range(0, 10)]
    public double? LearningRate { get; init; }
}
