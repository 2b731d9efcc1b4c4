using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks.Tasks;

/// <summary>Means over places that have a truth, without reading to the host which those are.</summary>
public static class ValidPlaces
{
    /// <summary>Mean of the values where the mask is true; 0 (with a gradient of 0) where it is true nowhere.</summary>
    /// <param name="values">Any shape, finite.</param>
    /// <param name="valid">Bool, of the same shape.</param>
    public static Tensor Mean(Tensor values, Tensor valid) => (values * valid).sum() / valid.sum().clamp(min: 1);
}
