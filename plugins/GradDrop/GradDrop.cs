namespace KdMtlBench.Plugins;

/// <summary>Gradient sign dropout at the representation, element by element: with P = ½ (1 + Σ gᵢ / Σ |gᵢ|) and U uniform on
/// [0, 1], positive values stay where P &gt; U and negative ones where P &lt; U; the direction is Σ (ℓ + (1 − ℓ) maskᵢ) gᵢ.</summary>
/// <remarks>Chen et al., NeurIPS 2020, algorithm 1, with f the identity. P and U are of each image's each feature: the
/// paper's sum over the batch of sign(z)·g, for tasks with images of their own, is not made. Reports the share of its
/// gradient's elements that each task kept.</remarks>
[Strategy("graddrop", Title = "GradDrop", Family = StrategyFamily.Gradient, BackwardPasses = "1",
    Paper = "Chen et al., NeurIPS 2020, algorithm 1")]
public sealed class GradDrop(GradDropOptions options) : IBalancingStrategy
{
    public StrategyNeeds Needs => StrategyNeeds.Representation;

    public Tensor Backward(ITrainingStep step, IReadOnlyList<Tensor> objectives)
    {
        var gradients = step.Jacobian(objectives, GradientPoint.Representation);
        using var _ = no_grad();
        using var generator = new Generator((ulong)step.Random.NextInt64(), gradients.device);
        var uniform = rand(gradients.shape[1], device: gradients.device, generator: generator);
        var mask = Mask(gradients, uniform).to(gradients.dtype);
        step.Apply((gradients * (options.Leak + (1 - options.Leak) * mask)).sum([0]), GradientPoint.Representation);
        return mask.mean([1]);
    }

    /// <summary>What stays, [tasks, features].</summary>
    /// <param name="gradients">[tasks, features].</param>
    /// <param name="uniform">U, [features].</param>
    public static Tensor Mask(Tensor gradients, Tensor uniform)
    {
        var purity = 0.5 * (1 + gradients.sum([0]) / gradients.abs().sum([0]));
        return ((purity > uniform) & (gradients > 0)) | ((purity < uniform) & (gradients < 0));
    }
}

public sealed record GradDropOptions
{
    [Description("ℓ: share of every gradient that passes whatever its sign"), Range(0, 1)]
    public double Leak { get; init; }
}
