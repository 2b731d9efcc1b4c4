using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>A strategy whose weights move between steps along the products of two independent batches' gradients: unlike
/// one batch's Gramian, their mean over batches is the Gramian of the mean gradients.</summary>
/// <remarks>Both batches are looked at after the optimisers' step, where the next step starts from; the gradients that
/// they leave in the heads are dropped. The first step has even weights.</remarks>
public abstract class DoubleSamplingWeighting : IBalancingStrategy
{
    private Tensor? _weights;

    /// <inheritdoc />
    public void Attach(ITrainingSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var tasks = setup.Tasks.Count;
        _weights = setup.Keep("weights", full(tasks, 1.0 / tasks, dtype: ScalarType.Float64));
    }

    /// <summary>The weights that the next step starts from.</summary>
    /// <param name="weights">[tasks], on the simplex.</param>
    /// <param name="products">[tasks, tasks]: ∇Lᵢ of the first batch times ∇Lⱼ of the second; not symmetric.</param>
    protected abstract double[] Moved(double[] weights, double[,] products);

    /// <summary>Weights of the tasks' gradients, from those that are moved; the same unless overridden.</summary>
    /// <param name="weights">[tasks], on the simplex, on the run's device.</param>
    protected virtual Tensor Applied(Tensor weights) => weights;

    /// <inheritdoc />
    public Tensor Backward(ITrainingStep step, IReadOnlyList<Tensor> objectives)
    {
        ArgumentNullException.ThrowIfNull(step);
        var jacobian = step.Jacobian(objectives);
        var weights = Applied(_weights!).to(jacobian.dtype);
        step.Apply(weights.matmul(jacobian));
        return weights;
    }

    /// <inheritdoc />
    public void AfterStep(ITrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var first = step.Jacobian(step.SampleLosses(0)).clone();
        var second = step.Jacobian(step.SampleLosses(1));
        using var noGradient = no_grad();
        var host = cat([first.matmul(second.t()).to(ScalarType.Float64), _weights!.unsqueeze(0)]).cpu().data<double>().ToArray();
        var tasks = (int)first.shape[0];
        var products = new double[tasks, tasks];
        Buffer.BlockCopy(host, 0, products, 0, tasks * tasks * sizeof(double));
        _weights!.copy_(tensor(Moved(host[(tasks * tasks)..], products)));
    }
}
