namespace KdMtlBench.Plugins;

/// <summary>Dynamic weight average: wᵢ(t) = K · softmaxᵢ( rᵢ(t−1) / T ) with rᵢ(t−1) = Lᵢ(t−1) / Lᵢ(t−2) on epoch means.</summary>
/// <remarks>Liu, Johns &amp; Davison, CVPR 2019, eq. 7. Weights are 1 in the first two epochs. T = 2 in the paper,
/// 1 in the SegNet script of KD4MTL.</remarks>
[Strategy("dwa", Title = "Dynamic weight average", Family = StrategyFamily.LossWeighting,
    Paper = "Liu, Johns & Davison, CVPR 2019, eq. 7")]
public sealed class Dwa(DwaOptions options) : LossWeighting
{
    private Tensor? _weights;

    public override StrategyRequirements Requirements => StrategyRequirements.PositiveLosses;

    public override void Initialise(ITrainingSetup setup) => _weights = setup.AddTaskBuffer("weights", ones(setup.Tasks.Count, dtype: setup.Dtype));

    public override void StartEpoch(EpochHistory history)
    {
        if (history.Losses.Count < 2)
            return;
        var (last, before) = (history.Losses[^1], history.Losses[^2]);
        var exponents = last.Zip(before, (now, then) => Math.Exp(now / then / options.Temperature)).ToArray();
        var weights = exponents.Select(e => last.Count * e / exponents.Sum()).ToArray();
        using var values = tensor(weights);
        _weights!.copy_(values);
    }

    protected override Tensor Weights(ITrainingStep step, Tensor losses) => _weights!;
}

public sealed record DwaOptions
{
    [Description("T: the larger, the more equal the weights"), Range(1e-3, 1e6)]
    public double Temperature { get; init; } = 2;
}
