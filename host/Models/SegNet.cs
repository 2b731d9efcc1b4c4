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
    public Trunk Trunk(IReadOnlyList<long> inputShape) => new SegNetTrunk(inputShape, options.Width, options.Stages);

    public Head Head(Trunk trunk, TaskInfo task) => new SegNetHead(trunk.Taps[^1].Shape[0], task.Outputs);
}

public sealed record SegNetOptions
{
    [Description("factor of all channel numbers: 1 is the published network, 64 to 512 channels"), Range(1e-3, 8)]
    public double Width { get; init; } = 1;

    [Description("how often the image is halved: 5 as published, fewer for small images"), Range(1, 5)]
    public int Stages { get; init; } = 5;
}

/// <summary>Taps, in the order of computation: <c>encoder-1</c> to <c>encoder-N</c>, the map after that stage's pooling,
/// each half as high and wide as the one before; <c>decoder-1</c> to <c>decoder-N</c>, the map after that stage's last
/// convolution, each twice as large, the last as large as the input. Where inner taps are asked for, also
/// <c>encoder-k-first</c> and <c>encoder-k-last</c>, the maps after a stage's first and last convolution, and
/// <c>decoder-k-unpooled</c>, the map before a stage's first.</summary>
internal class SegNetTrunk : Trunk
{
    private static readonly int[] PublishedChannels = [64, 128, 256, 512, 512];
    private static readonly int[] Convolutions = [2, 2, 3, 3, 3];
    private const int LayersPerUnit = 3;
    private static readonly long[] PoolSize = [2, 2];

    private readonly ModuleList<Sequential> _encoder;
    private readonly ModuleList<Sequential> _decoder;
    private readonly bool _innerTaps;

    public SegNetTrunk(IReadOnlyList<long> inputShape, double width, int stages, bool innerTaps = false)
        : base("segnet")
    {
        var smallestSide = 1 << stages;
        if (inputShape is not [var inputs, var height, var breadth] || height < smallestSide || breadth < smallestSide)
        {
            throw new InputException($"model segnet halves its input {stages} times and needs images of at least "
                + $"{smallestSide}×{smallestSide} pixels, but the benchmark's are [{string.Join(", ", inputShape)}] "
                + "(channels, height, width): choose larger images, fewer stages or the model lenet.");
        }

        long[] channels = [.. PublishedChannels.Take(stages).Select(published => Math.Max(1, (long)Math.Round(published * width)))];
        var narrower = channels.SkipLast(1).Prepend(channels[0]).ToArray();
        (EncoderChannels, DecoderChannels, _innerTaps) = (channels, [.. narrower.Reverse()], innerTaps);
        var inside = Enumerable.Range(0, stages).ToArray();
        _encoder = nn.ModuleList([.. inside.Select(i => Units(i == 0 ? inputs : narrower[i], channels[i], Convolutions[i]))]);
        _decoder = nn.ModuleList([.. inside.Reverse().Select(i => Units(channels[i], narrower[i], Convolutions[i]))]);
        base.register_module("encoder", _encoder); // base: subclasses cannot be called before they are made
        base.register_module("decoder", _decoder);
        Taps =
        [
            .. inside.SelectMany(i => Inner(("first", channels[i]), ("last", channels[i])).Select(map => Tap($"encoder-{i + 1}-{map.Name}", map.Depth, i))
                .Append(Tap($"encoder-{i + 1}", channels[i], i + 1, suggested: i == stages - 1))),
            .. inside.Reverse().SelectMany(i => Inner(("unpooled", channels[i])).Select(map => Tap($"decoder-{stages - i}-{map.Name}", map.Depth, i))
                .Append(Tap($"decoder-{stages - i}", narrower[i], i, suggested: i == 0))),
        ];

        (string Name, long Depth)[] Inner(params (string, long)[] maps) => innerTaps ? maps : [];

        FeatureTap Tap(string name, long depth, int halvings, bool suggested = false) =>
            new(name, [depth, height >> halvings, breadth >> halvings], suggested);
    }

    /// <summary>Of each encoder stage, from the input inwards.</summary>
    public IReadOnlyList<long> EncoderChannels { get; }

    /// <summary>Of each decoder stage, from the inside outwards.</summary>
    public IReadOnlyList<long> DecoderChannels { get; }

    public sealed override IReadOnlyList<FeatureTap> Taps { get; }

    /// <summary>Weight and bias of the decoder's last convolution; the normalisation after it is not counted in.</summary>
    public sealed override IReadOnlyList<Parameter> LastSharedLayer
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
        var taps = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var pools = new Stack<(Tensor Indices, long[] Size)>();
        var map = inputs;
        for (var stage = 0; stage < _encoder.Count; stage++)
        {
            var first = Part(_encoder[stage], map, from: 0, to: LayersPerUnit);
            var last = Part(_encoder[stage], first, from: LayersPerUnit, to: int.MaxValue);
            Inner($"encoder-{stage + 1}-first", first);
            Inner($"encoder-{stage + 1}-last", last);
            (map, var indices) = max_pool2d_with_indices(last, PoolSize);
            pools.Push((indices, last.shape[2..]));
            taps.Add($"encoder-{stage + 1}", map.MoveToOuterDisposeScope());
        }

        for (var stage = 0; stage < _encoder.Count; stage++)
        {
            var (indices, size) = pools.Pop();
            var unpooled = Unpool(map, indices, size);
            Inner($"decoder-{stage + 1}-unpooled", unpooled);
            map = _decoder[stage].forward(unpooled);
            taps.Add($"decoder-{stage + 1}", map.MoveToOuterDisposeScope());
        }

        return new Features(_innerTaps ? null : map, taps);

        void Inner(string name, Tensor values)
        {
            if (_innerTaps)
                taps.Add(name, values.MoveToOuterDisposeScope());
        }
    }

    // TorchSharp 0.107 loses max_unpool2d's output size, without which maps of odd size come back shifted.
    private static Tensor Unpool(Tensor map, Tensor indices, long[] size)
    {
        var (batch, channels) = (map.shape[0], map.shape[1]);
        var empty = map.new_zeros(batch, channels, size[0] * size[1]);
        return empty.scatter(2, indices.flatten(2), map.flatten(2)).view(batch, channels, size[0], size[1]);
    }

    private static Tensor Part(Sequential layers, Tensor map, int from, int to) =>
        layers.children().Cast<nn.Module<Tensor, Tensor>>().Take(to).Skip(from).Aggregate(map, (input, layer) => layer.forward(input));

    // 3×3 convolution, batch norm and ReLU, as often as asked for; the first changes the number of channels.
    protected static Sequential Units(long from, long to, int count)
    {
        var units = nn.Sequential();
        for (var i = 0; i < count; i++)
        {
            units.append(Kaiming.Convolution(i == 0 ? from : to, to, size: 3, nn.init.NonlinearityType.ReLU));
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
