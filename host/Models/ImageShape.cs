using static TorchSharp.torch;

namespace KdMtlBench.Host.Models;

/// <summary>What a network asks of the images it is built for.</summary>
internal static class ImageShape
{
    /// <summary>Channels, height and width, where images are the only input and both sides are long enough.</summary>
    /// <param name="inputs">What the benchmark has.</param>
    /// <param name="smallestSide">In pixels.</param>
    /// <param name="who">Begins the message: <c>model lenet</c>.</param>
    /// <param name="choices">Ends it.</param>
    /// <exception cref="InputException">No images, or too small.</exception>
    public static (long Channels, long Height, long Width) Of(
        IReadOnlyList<InputInfo> inputs, int smallestSide, string who, string choices = "larger images") => inputs switch
    {
        [{ Shape: [-1, > 0 and var channels, var height, var width], Dtype: ScalarType.Float32 }] => height >= smallestSide && width >= smallestSide
            ? (channels, height, width)
            : throw new InputException($"{who} needs images of at least {smallestSide}×{smallestSide} pixels, but the benchmark's are "
                + $"[{channels}, {height}, {width}] (channels, height, width): choose {choices}."),
        _ => throw new InputException($"{who} takes images and nothing else, but the benchmark's inputs are {string.Join(" and ", inputs)}: choose another model."),
    };
}
