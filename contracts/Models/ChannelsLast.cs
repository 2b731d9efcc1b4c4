using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Models;

/// <summary>The memory layout of images: a pixel's channels are adjacent. Shapes stay [batch, channels, height, width]; convolutions
/// run faster (docs/performance.md). The host lays out the weights of convolutions to match.</summary>
public static class ChannelsLast
{
    /// <summary>The same images with the channels last in memory.</summary>
    /// <param name="images">[batch, channels, height, width].</param>
    public static Tensor Of(Tensor images)
    {
        using var pixels = images.permute(0, 2, 3, 1);
        using var packed = pixels.contiguous();
        return packed.permute(0, 3, 1, 2);
    }
}
