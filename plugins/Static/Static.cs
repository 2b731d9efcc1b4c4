namespace KdMtlBench.Plugins;

/// <summary>Static scalarization: Σ wᵢ Lᵢ with fixed weights.</summary>
/// <remarks>The baseline that many published methods fail to beat when it is tuned with the same budget
/// (Kurin et al., NeurIPS 2022; Xin et al., NeurIPS 2022).</remarks>
[Strategy("static", Title = "Static weights", Family = StrategyFamily.LossWeighting,
    Paper = "scalarization; Kurin et al., NeurIPS 2022, and Xin et al., NeurIPS 2022")]
public sealed class Static(StaticOptions options) : LossWeighting
{
    private Tensor? _weights;

    public override void Initialise(ITrainingSetup setup) =>
        _weights = setup.AddTaskBuffer("weights", tensor(options.Weights.ToArray(), dtype: setup.Dtype));

    protected override Tensor Weights(ITrainingStep step, Tensor losses) => _weights!;
}

public sealed record StaticOptions
{
    [Description("one weight per task, in the benchmark's order"), PerTask, Range(0, 1e6)]
    public required IReadOnlyList<double> Weights { get; init; }
}
