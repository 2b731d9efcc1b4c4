using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks.Tasks;

/// <summary>A measurement whose state is a few sums on the device, so that the values do not depend on the batch size.</summary>
public abstract class DeviceMeasurement : Measurement
{
    private readonly List<Tensor> _sums = [];

    /// <inheritdoc />
    public sealed override void Add(Tensor prediction, Tensor target)
    {
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        Accumulate(prediction, target);
    }

    /// <summary>Adds a batch to the sums, in place; called without a graph; temporaries are disposed.</summary>
    /// <param name="prediction">[batch, outputs, …].</param>
    /// <param name="target">[batch, …].</param>
    protected abstract void Accumulate(Tensor prediction, Tensor target);

    /// <summary>Zeros, [length], that live as long as the measurement, regardless of dispose scopes.</summary>
    protected Tensor Sums(long length, ScalarType dtype, Device device)
    {
        var sums = zeros(length, dtype, device).DetachFromDisposeScope();
        _sums.Add(sums);
        return sums;
    }

    /// <summary>counts[bins] += 1 where the mask is true.</summary>
    /// <remarks>The same sums as <c>bincount</c>, which on a GPU copies its input's extremes to the host at every call.</remarks>
    /// <param name="counts">[bins] int64.</param>
    /// <param name="bins">int64, each in [0, bins), even where the mask is false.</param>
    /// <param name="valid">Bool, of the same shape as the bins.</param>
    protected static void Count(Tensor counts, Tensor bins, Tensor valid) =>
        counts.scatter_add_(0, bins.flatten(), valid.flatten().to(ScalarType.Int64));

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        foreach (var sums in _sums)
            sums.Dispose();
    }
}
