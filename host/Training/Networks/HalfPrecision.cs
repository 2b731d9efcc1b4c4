using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Networks;

/// <summary>Which layers compute in bfloat16: convolutions and dense layers.</summary>
/// <remarks>oneDNN (in libtorch 2.10, on processors with <c>avx512_bf16</c>) takes bfloat16 in pairs, and with the channels last it
/// reads one value beyond the end of a gradient whose number of channels is odd. What lies there is multiplied by 0, which is
/// NaN where it happens to be infinite or NaN. On a processor such layers therefore stay in float32.</remarks>
internal static class HalfPrecision
{
    /// <summary>Makes the layers of a module compute in bfloat16, inputs and outputs included.</summary>
    public static void Apply(nn.Module module, Device device)
    {
        foreach (var layer in module.modules().Where(layer => layer is Conv2d or ConvTranspose2d or Linear).Distinct<nn.Module>(ReferenceEqualityComparer.Instance))
            if (device.type == DeviceType.CPU && IsOdd(layer))
                KeepInFloat32((nn.Module<Tensor, Tensor>)layer);
            else
                layer.to(ScalarType.BFloat16);
    }

    private static bool IsOdd(nn.Module layer) => layer switch
    {
        Conv2d convolution => long.IsOddInteger(convolution.out_channels),
        ConvTranspose2d convolution => long.IsOddInteger(convolution.in_channels), // computed as another convolution's backward pass
        _ => false,
    };

    private static void KeepInFloat32(nn.Module<Tensor, Tensor> layer)
    {
        layer.register_forward_pre_hook((_, input) => input.to(ScalarType.Float32));
        layer.register_forward_hook((_, _, output) => output.to(ScalarType.BFloat16));
    }
}
