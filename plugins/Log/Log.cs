namespace KdMtlBench.Plugins;

/// <summary>Log losses: Σ log Lᵢ is minimised, whose gradient Σ ∇Lᵢ/Lᵢ does not feel the losses' scales.</summary>
/// <remarks>The scale-invariant baseline of the Nash-MTL paper (SI). In front of a gradient strategy it gives the published
/// log_* methods: <c>[log, pcgrad]</c>, <c>[log, mgda]</c>, <c>[log, cagrad]</c>. Losses must be positive.</remarks>
[Strategy("log", Title = "Log losses", Family = StrategyFamily.LossWeighting, Paper = "scale-invariant baseline of Navon et al., ICML 2022")]
public sealed class Log : ObjectiveStrategy
{
    public override StrategyRequirements Requirements => StrategyRequirements.PositiveLosses;

    public override ScaleResponse ScaleResponse => ScaleResponse.None;

    public override bool MayTurnNegative => true;

    public override bool OnlyScalesGradients => true;

    public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
    {
        step.RecordWeights(1 / PositiveLosses.Of(stack(losses)));
        return [.. losses.Select(PositiveLosses.Log)];
    }
}
