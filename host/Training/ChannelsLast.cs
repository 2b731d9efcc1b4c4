using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>How pictures and the weights of convolutions lie in memory: a pixel's channels side by side. Shapes stay [batch,
/// channels, height, width]; convolutions run faster (docs/performance.md).</summary>
internal static class ChannelsLast
{
    /// <summary>The same values with the channels last in memory; what is no picture as it is.</summary>
    public static Tensor Of(Tensor inputs)
    {
        if (inputs.dim() != 4)
            return inputs;
        using var pixels = inputs.permute(0, 2, 3, 1);
        using var packed = pixels.contiguous();
        return packed.permute(0, 3, 1, 2);
    }

    /// <summary>A flat piece of memory as a weight of this shape: [outputs, inputs, height, width] with the inputs last in memory, else row by row.</summary>
    /// <param name="part">[values].</param>
    /// <param name="shape">Of as many values.</param>
    public static Tensor View(Tensor part, long[] shape)
    {
        if (shape.Length != 4)
            return part.view(shape);
        using var packed = part.view(shape[0], shape[2], shape[3], shape[1]);
        return packed.permute(0, 3, 1, 2);
    }
}
