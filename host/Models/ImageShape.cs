using KdMtlBench.Contracts;

namespace KdMtlBench.Host.Models;

/// <summary>What a network asks of the pictures it is built for.</summary>
internal static class ImageShape
{
    /// <summary>Channels, height and width, where both sides are long enough.</summary>
    /// <param name="inputShape">[channels, height, width], or whatever else a benchmark has.</param>
    /// <param name="smallestSide">In pixels.</param>
    /// <param name="who">Begins the message: <c>model lenet</c>.</param>
    /// <param name="choices">Ends it.</param>
    /// <exception cref="InputException">No pictures, or too small.</exception>
    public static (long Channels, long Height, long Width) Of(
        IReadOnlyList<long> inputShape, int smallestSide, string who, string choices = "larger images") =>
        inputShape is [var channels, var height, var width] && height >= smallestSide && width >= smallestSide
            ? (channels, height, width)
            : throw new InputException($"{who} needs images of at least {smallestSide}×{smallestSide} pixels, but the benchmark's are "
                + $"[{string.Join(", ", inputShape)}] (channels, height, width): choose {choices}.");
}
