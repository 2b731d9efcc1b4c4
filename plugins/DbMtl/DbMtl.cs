namespace KdMtlBench.Plugins;

/// <summary>Dual balancing: losses enter by their logarithm; of the moving averages ĝᵢ ← βₜĝᵢ + (1 − βₜ) ∇log Lᵢ, βₜ = β/t^σ,
/// each is brought to the length of the longest: the direction is Σ (maxⱼ‖ĝⱼ‖ / ‖ĝᵢ‖) ĝᵢ.</summary>
/// <remarks>Lin et al., arXiv 2308.12029, 2023. Averages start at 0. Heads take the gradient of the log losses.
/// Losses must be positive.</remarks>
[Strategy("db-mtl", Title = "DB-MTL", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Lin et al., arXiv 2308.12029, log losses and lengths of the longest")]
public sealed class DbMtl(DbMtlOptions options) : GradientStrategy
{
    private Tensor? _averages;

    public override StrategyRequirements Requirements => StrategyRequirements.PositiveLosses;

    public override ScaleResponse ScaleResponse => ScaleResponse.None;

    public override void Initialise(ITrainingSetup setup) =>
        _averages = setup.AddTaskBuffer("averages", zeros(setup.Tasks.Count, setup.SharedGradientLength, dtype: setup.Dtype));

    public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => [.. losses.Select(PositiveLosses.Log)];

    public override void Combine(ITrainingStep step, TaskGradients gradients)
    {
        var rows = gradients.Rows;
        using var _ = no_grad();
        _averages!.lerp_(rows, 1 - options.Beta / Math.Pow(step.Index + 1, options.Decay));
        var lengths = _averages.norm(1);
        var weights = where(lengths > 0, lengths.max() / lengths.clamp(min: 1e-30), 0);
        gradients.ApplyDirection(weights.matmul(_averages), weights);
    }
}

public sealed record DbMtlOptions
{
    [Description("β: weight of the past in the averages"), Range(0, 0.999999)]
    public double Beta { get; init; } = 0.9;

    [Description("σ: how fast the past loses its weight; 0: not at all"), Range(0, 10)]
    public double Decay { get; init; } = 0.5;
}
