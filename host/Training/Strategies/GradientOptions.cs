using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training.Networks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Strategies;

/// <summary>What the host does to the gradients that a list of strategies has left, as the sweep says.</summary>
/// <param name="TimesTasks">The shared parameters' gradient is multiplied by the number of tasks.</param>
/// <param name="WeightedHeads">Each head's gradient is multiplied by its task's weight.</param>
/// <param name="ClipNorm">Longest gradient; null for none.</param>
/// <param name="ClipAll">The gradient of the whole network is clipped, not that of the shared parameters.</param>
internal sealed record GradientOptions(bool TimesTasks, bool WeightedHeads, double? ClipNorm, bool ClipAll)
{
    /// <summary>Of a list; the reader has made sure that no two of its strategies contradict each other.</summary>
    public static GradientOptions Of(IEnumerable<HostOptions> strategies)
    {
        HostOptions[] all = [.. strategies];
        var clipping = Array.Find(all, options => options.ClipNorm is not null);
        return new GradientOptions(all.Any(options => options.TimesTasks), all.Any(options => options.WeightedHeads), clipping?.ClipNorm, clipping?.Clip == ClippedPart.All);
    }

    /// <summary>Changes the gradients in place, without reading them.</summary>
    /// <param name="network">Whose gradients they are.</param>
    /// <param name="present">Positions of the tasks of the step.</param>
    /// <param name="weights">[tasks] that were applied; null where none were.</param>
    public void Apply(Network network, IReadOnlyList<int> present, Tensor? weights)
    {
        using var noGradient = no_grad();
        if (TimesTasks)
            network.Flat.SharedGradient.mul_(present.Count);
        if (WeightedHeads)
            foreach (var (task, weight) in present.Zip((weights ?? throw new InvalidOperationException(
                "weighted-heads: the strategy applies a direction, and there are no weights for the heads")).unbind()))
                network.TaskGradients[task].mul_(weight);
        if (ClipNorm is { } longest)
        {
            var gradient = ClipAll ? network.Flat.Gradient : network.Flat.SharedGradient;
            gradient.mul_((longest / (gradient.norm() + 1e-6)).clamp(max: 1)); // as torch.nn.utils.clip_grad_norm_
        }
    }
}
