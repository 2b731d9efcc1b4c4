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
    public virtual IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => losses;

    /// <summary>The weights of this step, [tasks], for the objectives [tasks]; on the graph only where they are learnt through <see cref="Total"/>.</summary>
    protected virtual Tensor Weights(ITrainingStep step, Tensor objectives) => ones_like(objectives);

    /// <summary>The scalar that is minimised: Σ wᵢ Lᵢ unless overridden.</summary>
    protected virtual Tensor Total(Tensor weights, Tensor objectives) => (weights * objectives).sum();

    /// <inheritdoc />
    public Tensor Backward(ITrainingStep step, IReadOnlyList<Tensor> objectives)
    {
        var stacked = stack(objectives);
        var weights = Weights(step, stacked);
        step.Backward(Total(weights, stacked));
        return weights.detach();
    }

    /// <inheritdoc />
    public virtual void AfterStep(ITrainingStep step)
    {
    }
}
