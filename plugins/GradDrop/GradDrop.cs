namespace KdMtlBench.Plugins;

/// <summary>Gradient sign dropout at the representation, element by element: with P = ½ (1 + Σ gᵢ / Σ |gᵢ|) and U uniform on
/// [0, 1], positive values stay where P &gt; U and negative ones where P &lt; U; the direction is Σ (ℓ + (1 − ℓ) maskᵢ) gᵢ.</summary>
/// <remarks>Chen et al., NeurIPS 2020, algorithm 1, with f the identity. P and U are drawn for each feature of each image. Where tasks
/// have samples of their own, each row of z carries one task's gradient only; there, as in the paper, P and the masks are of the
/// sums over the batch of sign(z)·g. Records the share of its gradient's elements that each task kept.</remarks>
[Strategy("graddrop", Title = "GradDrop", Family = StrategyFamily.Gradient, BackwardPasses = "1",
    Paper = "Chen et al., NeurIPS 2020, algorithm 1")]
public sealed class GradDrop(GradDropOptions options) : GradientStrategy
{
    public override GradientPoint At => GradientPoint.Representation;

    public override void Combine(ITrainingStep step, TaskGradients gradients)
    {
        using var _ = no_grad();
        var rows = gradients.Rows;
        var compared = step.OwnSamples is null ? rows : SummedOverBatch(rows, gradients.Representation);
        using var generator = new Generator((ulong)step.Random.NextInt64(), rows.device);
        var uniform = rand(compared.shape[1], dtype: rows.dtype, device: rows.device, generator: generator);
        var mask = Mask(compared, uniform).to(rows.dtype);
        var everywhere = step.OwnSamples is null ? mask : mask.repeat(1, rows.shape[1] / mask.shape[1]);
        gradients.ApplyDirection((rows * (options.Leak + (1 - options.Leak) * everywhere)).sum([0]), mask.mean([1]));
    }

    /// <summary>Σ sign(z)·g over the batch, [tasks, features].</summary>
    /// <param name="rows">[tasks, batch × features].</param>
    /// <param name="representation">z, [batch, …].</param>
    public static Tensor SummedOverBatch(Tensor rows, Tensor representation)
    {
        var batch = representation.shape[0];
        return (rows.view(rows.shape[0], batch, -1) * representation.sign().reshape(1, batch, -1)).sum([1]);
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
    [Description("ℓ: fraction of every gradient that is kept regardless of its sign"), Range(0, 1)]
    public double Leak { get; init; }
}
