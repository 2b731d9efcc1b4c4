using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>A gradient strategy that updates its weights between steps by the inner products of two independent batches' gradients: unlike
/// one batch's Gramian, their mean over batches is the Gramian of the mean gradients.</summary>
/// <remarks>Both batches are evaluated after the optimisers' step, where the next step starts. The first step has equal
/// weights.</remarks>
public abstract class DoubleSamplingStrategy : GradientStrategy
{
    private Tensor? _weights;

    /// <inheritdoc />
    public override void Initialise(ITrainingSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var tasks = setup.Tasks.Count;
        _weights = setup.AddTaskBuffer("weights", full(tasks, 1.0 / tasks, dtype: ScalarType.Float64));
    }

    /// <summary>The weights that the next step uses.</summary>
    /// <param name="weights">[tasks], on the simplex.</param>
    /// <param name="products">[tasks, tasks]: ∇Lᵢ of the first batch times ∇Lⱼ of the second; not symmetric.</param>
    protected abstract double[] UpdateWeights(double[] weights, double[,] products);

    /// <summary>The weights to apply, given the updated ones; the same unless overridden.</summary>
    /// <param name="weights">[tasks], on the simplex, on the run's device.</param>
    protected virtual Tensor AppliedWeights(Tensor weights) => weights;

    /// <inheritdoc />
    public sealed override void Combine(ITrainingStep step, TaskGradients gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        gradients.ApplyWeights(AppliedWeights(_weights!).to(gradients.Rows.dtype));
    }

    /// <inheritdoc />
    public override void AfterStep(ITrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var first = step.GradientsOf(step.ResampledLosses(0));
        var second = step.GradientsOf(step.ResampledLosses(1));
        using var noGradient = no_grad();
        var host = cat([first.matmul(second.t()).to(ScalarType.Float64), _weights!.unsqueeze(0)]).cpu().data<double>().ToArray();
        var tasks = (int)first.shape[0];
        var products = new double[tasks, tasks];
        Buffer.BlockCopy(host, 0, products, 0, tasks * tasks * sizeof(double));
        _weights!.copy_(tensor(UpdateWeights(host[(tasks * tasks)..], products)));
    }
}
