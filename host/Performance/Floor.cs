using KdMtlBench.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance;

/// <summary>What a strategy that looks at every task's gradient cannot do without: one backward pass a task, through its
/// head and the trunk. Nothing is solved and nothing is combined; the gradients add up.</summary>
internal sealed class Floor : IBalancingStrategy
{
    public Tensor Backward(ITrainingStep step, IReadOnlyList<Tensor> objectives)
    {
        foreach (var objective in objectives)
            step.Backward(objective);
        return ones(objectives.Count, device: objectives[0].device);
    }
}
