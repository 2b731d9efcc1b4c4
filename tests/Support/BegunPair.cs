using KdMtlBench.Host.Runs;

namespace KdMtlBench.Tests.Support;

/// <summary>The same step begun in another precision and in float32.</summary>
internal sealed class BegunPair(TrainingOptions training) : IDisposable
{
    public Begun Other { get; } = new(training: training);

    public Begun Single { get; } = new();

    /// <summary>The losses' gradients there, [tasks, values].</summary>
    public (Tensor Other, Tensor Single) Rows(GradientPoint at) =>
        (Other.Gradients(at).Rows, Single.Gradients(at).Rows);

    /// <summary>The losses' gradients at the last shared layer, [tasks, values].</summary>
    public (Tensor Other, Tensor Single) LastLayerRows() => (Other.Step.LastLayerGradients(Other.Losses), Single.Step.LastLayerGradients(Single.Losses));

    /// <summary>All parameters' gradients after weights were applied there.</summary>
    public (Tensor Other, Tensor Single) Applied(GradientPoint at)
    {
        foreach (var begun in new[] { Other, Single })
            begun.Gradients(at).ApplyWeights([0.2, 0.7, 0.1]);

        return (Other.Run.Network.Flat.Gradient, Single.Run.Network.Flat.Gradient);
    }

    public void Dispose()
    {
        Single.Dispose();
        Other.Dispose();
    }
}
