namespace KdMtlBench.Plugins;

/// <summary>Geometric loss strategy: minimises the geometric mean (Π Lᵢ)^(1/K), whose gradient is Σ wᵢ ∇Lᵢ with
/// wᵢ = (Π Lⱼ)^(1/K) / (K Lᵢ).</summary>
/// <remarks>Chennupati et al., CVPR Workshops 2019. Losses must be positive.</remarks>
[Strategy("geometric-loss", Title = "Geometric loss strategy", Family = StrategyFamily.LossWeighting,
    Paper = "Chennupati et al., CVPR Workshops 2019, geometric mean of the losses")]
public sealed class GeometricLoss : LossWeighting
{
    public override StrategyRequirements Requirements => StrategyRequirements.PositiveLosses;

    public override ScaleResponse ScaleResponse => ScaleResponse.LengthOnly;

    protected override Tensor Weights(ITrainingStep step, Tensor losses)
    {
        var values = PositiveLosses.Of(losses);
        return values.log().mean().exp() / (values.shape[0] * values);
    }
}
