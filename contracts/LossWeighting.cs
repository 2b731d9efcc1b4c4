using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>A strategy that minimises a weighted sum of the objectives in one backward pass; uniform unless overridden.</summary>
public abstract class LossWeighting : IBalancingStrategy
{
    /// <inheritdoc />
    public virtual StrategyNeeds Needs => StrategyNeeds.None;

    /// <inheritdoc />
    public virtual void Attach(ITrainingSetup setup)
    {
    }

    /// <inheritdoc />
    public virtual void StartEpoch(IReadOnlyList<IReadOnlyList<double>> epochLosses)
    {
    }

    /// <inheritdoc />
    public virtual Tensor Objectives(ITrainingStep step, Tensor losses) => losses;

    /// <summary>The weights of this step, [tasks]; on the graph only where they are learnt through <see cref="Total"/>.</summary>
    protected virtual Tensor Weights(ITrainingStep step, Tensor objectives) => ones_like(objectives);

    /// <summary>The scalar that is minimised: Σ wᵢ Lᵢ unless overridden.</summary>
    protected virtual Tensor Total(Tensor weights, Tensor objectives) => (weights * objectives).sum();

    /// <inheritdoc />
    public Tensor Backward(ITrainingStep step, Tensor objectives)
    {
        var weights = Weights(step, objectives);
        step.Backward(Total(weights, objectives));
        return weights.detach();
    }

    /// <inheritdoc />
    public virtual void AfterStep(ITrainingStep step)
    {
    }
}
