using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Models;

/// <summary>Layers that keep the variance of what passes through them.</summary>
/// <remarks>He, Zhang, Ren &amp; Sun, ICCV 2015, eq. 10: normal weights of variance gain² / inputs, zero biases.</remarks>
internal static class Kaiming
{
    /// <summary>A convolution that keeps height and width.</summary>
    /// <param name="from">Input channels.</param>
    /// <param name="to">Output channels.</param>
    /// <param name="size">Of the kernel; odd.</param>
    /// <param name="before">What the input comes out of: gain √2 after a ReLU, 1 after a linear layer.</param>
    public static Conv2d Convolution(long from, long to, long size, nn.init.NonlinearityType before)
    {
        var convolution = nn.Conv2d(from, to, size, padding: size / 2);
        nn.init.kaiming_normal_(convolution.weight, nonlinearity: before);
        nn.init.zeros_(convolution.bias!);
        return convolution;
    }

    /// <summary>A convolution after a ReLU, batch norm and ReLU.</summary>
    public static Sequential Unit(long from, long to, long size) => nn.Sequential(
        Convolution(from, to, size, nn.init.NonlinearityType.ReLU),
        nn.BatchNorm2d(to),
        nn.ReLU(inplace: true));
}
