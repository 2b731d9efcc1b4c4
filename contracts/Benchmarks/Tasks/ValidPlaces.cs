using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks.Tasks;

/// <summary>Means over the places that have a ground truth, without copying the mask to the host.</summary>
public static class ValidPlaces
{
    /// <summary>Mean of the values where the mask is true; 0, with a gradient of 0, if it is true nowhere.</summary>
    /// <param name="values">Any shape, finite.</param>
    /// <param name="valid">Bool, of the same shape.</param>
    public static Tensor Mean(Tensor values, Tensor valid) => (values * valid).sum() / valid.sum().clamp(min: 1);
}
