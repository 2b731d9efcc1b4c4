using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>Losses for methods that divide by them or take their logarithm. Such a method declares
/// <see cref="StrategyRequirements.PositiveLosses"/>: the host detects losses that are not positive, and reports them.</summary>
public static class PositiveLosses
{
    /// <summary>A smaller loss, such as that of a batch the network has memorised, counts as this value.</summary>
    public const double Smallest = 1e-8;

    /// <summary>The losses' values, at least <see cref="Smallest"/>.</summary>
    /// <param name="losses">[tasks], or one scalar.</param>
    public static Tensor Of(Tensor losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        return losses.detach().clamp(min: Smallest);
    }

    /// <summary>log L on the graph, with the gradient ∇L / max(L, <see cref="Smallest"/>).</summary>
    /// <param name="loss">A scalar.</param>
    public static Tensor Log(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        var value = Of(loss);
        return (loss - loss.detach()) / value + value.log();
    }
}
