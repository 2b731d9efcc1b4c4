using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using KdMtlBench.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace KdMtlBench.Host.Models;

/// <summary>VGG16-like encoder and decoder: max-pooling remembers where each maximum stood, and un-pooling puts it back there.</summary>
/// <remarks>Badrinarayanan, Kendall &amp; Cipolla, TPAMI 2017, in the form of Liu, Johns &amp; Davison, CVPR 2019: one
/// decoder shared by all tasks, and a head of a 3×3 and a 1×1 convolution with nothing between.</remarks>
[Model("segnet", Title = "SegNet", Paper = "Badrinarayanan, Kendall & Cipolla, TPAMI 2017; heads of Liu, Johns & Davison, CVPR 2019")]
public sealed class SegNet(SegNetOptions options) : IModel
{
    public Trunk Trunk(IReadOnlyList<long> inputShape) => new SegNetTrunk(inputShape, options.Width);

    public Head Head(Trunk trunk, TaskInfo task) => new SegNetHead(trunk.Taps[^1].Shape[0], task.Outputs);
}

public sealed record SegNetOptions
{
    [Description("factor of all channel numbers: 1 is the published network, 64 to 512 channels"), Range(1e-3, 8)]
    public double Width { get; init; } = 1;
}

/// <summary>Taps, in the order of computation: <c>encoder-1</c> to <c>encoder-5</c>, the map after that stage's pooling,
/// each half as high and wide as the one before; <c>decoder-1</c> to <c>decoder-5</c>, the map after that stage's last
/// convolution, each twice as large, the last as large as the input.</summary>
internal sealed class SegNetTrunk : Trunk
{
    private const int Stages = 5;
    private const int SmallestSide = 1 << Stages;
    private static readonly long[] PoolSize = [2, 2];

    private readonly ModuleList<Sequential> _encoder;
    private readonly ModuleList<Sequential> _decoder;

    public SegNetTrunk(IReadOnlyList<long> inputShape, double width)
        : base("segnet")
    {
        if (inputShape is not [var inputs, >= SmallestSide, >= SmallestSide])
        {
            throw new InputException($"model segnet halves its input {Stages} times and needs images of at least "
                + $"{SmallestSide}×{SmallestSide} pixels, but the benchmark's are [{string.Join(", ", inputShape)}] "
                + "(channels, height, width): choose larger images or the model lenet.");
        }

        var (c1, c2, c3, c4) = (Channels(64), Channels(128), Channels(256), Channels(512));
        _encoder = nn.ModuleList(
            Units(inputs, c1, c1), Units(c1, c2, c2), Units(c2, c3, c3, c3), Units(c3, c4, c4, c4), Units(c4, c4, c4, c4));
        _decoder = nn.ModuleList(
            Units(c4, c4, c4, c4), Units(c4, c3, c3, c3), Units(c3, c2, c2, c2), Units(c2, c1, c1), Units(c1, c1, c1));
        register_module("encoder", _encoder);
        register_module("decoder", _decoder);
        Taps = [.. EncoderTaps(inputShape, c1, c2, c3, c4, c4), .. DecoderTaps(inputShape, c4, c3, c2, c1, c1)];

        long Channels(int published) => Math.Max(1, (long)Math.Round(published * width));
    }

    public override IReadOnlyList<FeatureTap> Taps { get; }

    /// <summary>Weight and bias of the decoder's last convolution; the normalisation after it is not counted in.</summary>
    public override IReadOnlyList<Parameter> LastSharedLayer
    {
        get
        {
            var last = _decoder[^1].children().OfType<Conv2d>().Last();
            return [last.weight, last.bias!];
        }
    }

    public override Features forward(Tensor inputs)
    {
        using var scope = NewDisposeScope();
        var taps = new Dictionary<string, Tensor>(2 * Stages, StringComparer.Ordinal);
        var pools = new Stack<(Tensor Indices, long[] Size)>(Stages);
        var map = inputs;
        for (var stage = 0; stage < Stages; stage++)
        {
            var full = _encoder[stage].forward(map);
            (map, var indices) = max_pool2d_with_indices(full, PoolSize);
            pools.Push((indices, full.shape[2..]));
            taps.Add($"encoder-{stage + 1}", map.MoveToOuterDisposeScope());
        }

        for (var stage = 0; stage < Stages; stage++)
        {
            var (indices, size) = pools.Pop();
            map = _decoder[stage].forward(Unpool(map, indices, size));
            taps.Add($"decoder-{stage + 1}", map.MoveToOuterDisposeScope());
        }

        return new Features(map, taps);
    }

    private static IEnumerable<FeatureTap> EncoderTaps(IReadOnlyList<long> inputShape, params long[] channels) =>
        channels.Select((c, i) => new FeatureTap($"encoder-{i + 1}", Shape(inputShape, c, i + 1), Suggested: i == Stages - 1));

    private static IEnumerable<FeatureTap> DecoderTaps(IReadOnlyList<long> inputShape, params long[] channels) =>
        channels.Select((c, i) => new FeatureTap($"decoder-{i + 1}", Shape(inputShape, c, Stages - 1 - i), Suggested: i == Stages - 1));

    private static long[] Shape(IReadOnlyList<long> inputShape, long channels, int halvings) =>
        [channels, inputShape[1] >> halvings, inputShape[2] >> halvings];

    // TorchSharp 0.107 loses max_unpool2d's output size, without which maps of odd size come back shifted.
    private static Tensor Unpool(Tensor map, Tensor indices, long[] size)
    {
        var (batch, channels) = (map.shape[0], map.shape[1]);
        var empty = map.new_zeros(batch, channels, size[0] * size[1]);
        return empty.scatter(2, indices.flatten(2), map.flatten(2)).view(batch, channels, size[0], size[1]);
    }

    // 3×3 convolution, batch norm and ReLU for each number of channels after the first.
    private static Sequential Units(params long[] channels)
    {
        var units = nn.Sequential();
        foreach (var (from, to) in channels.Zip(channels.Skip(1)))
        {
            units.append(Kaiming.Convolution(from, to, size: 3, nn.init.NonlinearityType.ReLU));
            units.append(nn.BatchNorm2d(to));
            units.append(nn.ReLU(inplace: true));
        }

        return units;
    }
}

/// <summary>3×3 and 1×1 convolution on the last decoder map: [batch, outputs, height, width].</summary>
internal sealed class SegNetHead : Head
{
    private readonly Sequential _layers;

    public SegNetHead(long channels, int outputs)
        : base("segnet-head")
    {
        _layers = nn.Sequential(
            Kaiming.Convolution(channels, channels, size: 3, nn.init.NonlinearityType.ReLU),
            Kaiming.Convolution(channels, outputs, size: 1, nn.init.NonlinearityType.Linear));
        register_module("layers", _layers);
    }

    public override Tensor forward(Features features) => _layers.forward(features.Representation!);
}
