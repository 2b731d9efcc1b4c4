using KdMtlBench.Contracts;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>Several strategies as one: objectives are folded in order, the last strategy does the backward pass.</summary>
internal sealed class Composition(IReadOnlyList<IBalancingStrategy> strategies) : IBalancingStrategy
{
    public StrategyNeeds Needs => strategies.Aggregate(StrategyNeeds.None, (needs, strategy) => needs | strategy.Needs);

    public void StartEpoch(IReadOnlyList<IReadOnlyList<double>> epochLosses)
    {
        foreach (var strategy in strategies)
            strategy.StartEpoch(epochLosses);
    }

    public IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) =>
        strategies.Aggregate(losses, (objectives, strategy) => strategy.Objectives(step, objectives));

    public Tensor Backward(ITrainingStep step, IReadOnlyList<Tensor> objectives) => strategies[^1].Backward(step, objectives);

    public void AfterStep(ITrainingStep step)
    {
        foreach (var strategy in strategies)
            strategy.AfterStep(step);
    }
}
