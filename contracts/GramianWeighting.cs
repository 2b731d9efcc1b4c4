using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>A strategy that needs only the inner products of the tasks' gradients to weigh them.</summary>
/// <remarks>The weighting is a plain function of a small matrix: it is tested without a network.</remarks>
public abstract class GramianWeighting : IBalancingStrategy
{
    /// <summary>Where the gradients are taken.</summary>
    protected virtual GradientPoint At => GradientPoint.SharedParameters;

    /// <inheritdoc />
    public virtual StrategyNeeds Needs => At == GradientPoint.Representation ? StrategyNeeds.Representation : StrategyNeeds.None;

    /// <inheritdoc />
    public virtual void Attach(ITrainingSetup setup)
    {
    }

    /// <inheritdoc />
    public virtual IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => losses;

    /// <summary>Weights of the tasks' gradients from their Gramian.</summary>
    /// <param name="gramian">[tasks, tasks], symmetric, positive semi-definite up to rounding; finite (the host has looked).</param>
    /// <param name="step">For losses, randomness and <see cref="ITrainingStep.ReportSolverFailure"/>.</param>
    /// <returns>[tasks].</returns>
    protected abstract double[] Weights(double[,] gramian, ITrainingStep step);

    /// <inheritdoc />
    public Tensor Backward(ITrainingStep step, IReadOnlyList<Tensor> objectives)
    {
        var gramian = step.Gramian(objectives, At);
        var weights = Weights(gramian, step);
        step.ApplyWeights(weights, At);
        return tensor(weights, dtype: objectives[0].dtype, device: objectives[0].device);
    }

    /// <inheritdoc />
    public virtual void AfterStep(ITrainingStep step)
    {
    }
}
