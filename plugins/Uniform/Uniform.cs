namespace KdMtlBench.Plugins;

/// <summary>Equal weighting: the sum of the losses, Σ Lᵢ; with <c>mean</c>, 1/K of it.</summary>
[Strategy("uniform", Title = "Uniform", Family = StrategyFamily.LossWeighting, Paper = "equal weighting, no paper")]
public sealed class Uniform(UniformOptions options) : LossWeighting
{
    protected override Tensor Weights(ITrainingStep step, Tensor losses) =>
        options.Reduction == Reduction.Sum ? ones_like(losses) : full_like(losses, 1.0 / losses.shape[0]);
}

public enum Reduction
{
    Sum,
    Mean,
}

public sealed record UniformOptions
{
    [Description("sum: every weight is 1; mean: every weight is 1/K")]
    public Reduction Reduction { get; init; }
}
