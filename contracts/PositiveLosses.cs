using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>Losses for methods that divide by them or take their logarithm.</summary>
public static class PositiveLosses
{
    /// <summary>A loss below this, as of a batch that the network has learnt by heart, counts as this much.</summary>
    public const double Smallest = 1e-8;

    /// <summary>The losses without their graph, at least <see cref="Smallest"/>.</summary>
    /// <param name="step">At the run's first step the losses are read, once, and must be positive.</param>
    /// <param name="losses">[tasks].</param>
    /// <exception cref="InvalidOperationException">A loss of the first step is zero or negative.</exception>
    public static Tensor Of(ITrainingStep step, Tensor losses)
    {
        ArgumentNullException.ThrowIfNull(step);
        var values = losses.detach();
        if (step.Index == 0 && (values <= 0).any().item<bool>())
            throw new InvalidOperationException("this strategy needs positive losses: it divides by them or takes their logarithm");
        return values.clamp(min: Smallest);
    }
}
