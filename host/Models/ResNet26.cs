using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using KdMtlBench.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace KdMtlBench.Host.Models;

/// <summary>Three stages of four residual blocks that all tasks share, and one dense layer a task: for whole-image tasks.</summary>
/// <remarks>Rebuffi, Bilen &amp; Vedaldi, NeurIPS 2017 (after He, Zhang, Ren &amp; Sun, CVPR 2016), section 3: a 3×3 convolution
/// to 32 channels, stages of 64, 128 and 256 channels that each begin with a stride of 2, shortcuts without parameters
/// (2×2 average pooling, zeros for the new channels), a last batch norm, global average pooling. Convolutions have no bias.
/// Made for 64×64; larger and smaller images, also of odd size, do as well.</remarks>
[Model("resnet-26", Title = "ResNet-26", Paper = "Rebuffi, Bilen & Vedaldi, NeurIPS 2017, section 3")]
public sealed class ResNet26(ResNet26Options options) : IModel
{
    public Trunk Trunk(IReadOnlyList<long> inputShape) => new ResNet26Trunk(inputShape, options.Width);

    public Head Head(Trunk trunk, TaskInfo task) => new ResNet26Head(trunk.Taps[^1].Shape[0], task.Outputs);
}

public sealed record ResNet26Options
{
    [Description("factor of all channel numbers: 1 is the published network, 32 to 256 channels"), Range(1e-2, 8)]
    public double Width { get; init; } = 1;
}

/// <summary>Taps: <c>stage-1</c> to <c>stage-3</c>, the map after that stage's last block, each half as high and wide as
/// the one before, rounded up, and <c>pooled</c>, the shared vector.</summary>
internal sealed class ResNet26Trunk : Trunk
{
    private const int SmallestSide = 8;
    private const int Blocks = 4;
    private static readonly int[] PublishedChannels = [32, 64, 128, 256];

    private readonly Sequential _stem;
    private readonly ModuleList<Sequential> _stages;
    private readonly BatchNorm2d _last;

    public ResNet26Trunk(IReadOnlyList<long> inputShape, double width)
        : base("resnet-26")
    {
        if (inputShape is not [var inputs, >= SmallestSide and var height, >= SmallestSide and var breadth])
        {
            throw new InputException($"model resnet-26 needs images of at least {SmallestSide}×{SmallestSide} pixels, but the "
                + $"benchmark's are [{string.Join(", ", inputShape)}] (channels, height, width): choose larger images.");
        }

        long[] channels = [.. PublishedChannels.Select(published => Width.Scaled(published, width))];
        _stem = nn.Sequential(
            Kaiming.Convolution(inputs, channels[0], size: 3, nn.init.NonlinearityType.Linear, bias: false),
            nn.BatchNorm2d(channels[0]));
        _stages = nn.ModuleList([.. channels.Zip(channels.Skip(1), Stage)]);
        _last = nn.BatchNorm2d(channels[^1]);
        register_module("stem", _stem);
        register_module("stages", _stages);
        register_module("last", _last);
        Taps =
        [
            .. Enumerable.Range(1, _stages.Count).Select(i =>
                new FeatureTap($"stage-{i}", [channels[i], Halved(height, i), Halved(breadth, i)], Suggested: i == _stages.Count)),
            new FeatureTap("pooled", [channels[^1]], Suggested: true),
        ];
    }

    public override IReadOnlyList<FeatureTap> Taps { get; }

    /// <summary>The last block's second convolution; the normalisations after it are not counted in.</summary>
    public override IReadOnlyList<Parameter> LastSharedLayer => [_stages[^1].modules().OfType<Conv2d>().Last().weight];

    public override Features forward(Tensor inputs)
    {
        using var scope = NewDisposeScope();
        var taps = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var map = _stem.forward(inputs);
        for (var stage = 1; stage <= _stages.Count; stage++)
        {
            map = _stages[stage - 1].forward(map);
            taps.Add($"stage-{stage}", map.MoveToOuterDisposeScope());
        }

        var pooled = _last.forward(map).relu_().mean([2, 3]);
        taps.Add("pooled", pooled.MoveToOuterDisposeScope());
        return new Features(pooled, taps);
    }

    private static Sequential Stage(long from, long to) =>
        nn.Sequential([.. Enumerable.Range(0, Blocks).Select(i => new ResidualBlock(i == 0 ? from : to, to, stride: i == 0 ? 2 : 1))]);

    private static long Halved(long side, int times) => times == 0 ? side : Halved((side + 1) / 2, times - 1);
}

/// <summary>ReLU of the input plus what two 3×3 convolutions, batch norm after each and ReLU between, make of it.</summary>
internal sealed class ResidualBlock : nn.Module<Tensor, Tensor>
{
    private readonly Sequential _residual;
    private readonly long _added;
    private readonly bool _halves;

    public ResidualBlock(long from, long to, int stride)
        : base("residual-block")
    {
        _residual = nn.Sequential(
            Kaiming.Convolution(from, to, size: 3, nn.init.NonlinearityType.ReLU, stride, bias: false),
            nn.BatchNorm2d(to),
            nn.ReLU(inplace: true),
            Kaiming.Convolution(to, to, size: 3, nn.init.NonlinearityType.ReLU, bias: false),
            nn.BatchNorm2d(to));
        _added = to - from;
        _halves = stride > 1;
        register_module("residual", _residual);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _residual.forward(input).add_(Shortcut(input)).relu_().MoveToOuterDisposeScope();
    }

    private Tensor Shortcut(Tensor input)
    {
        var map = _halves ? avg_pool2d(input, 2, ceil_mode: true) : input;
        return _added == 0 ? map : pad(map, [0, 0, 0, 0, 0, _added]);
    }
}

/// <summary>One dense layer on the shared vector: [batch, outputs].</summary>
internal sealed class ResNet26Head : Head
{
    private readonly Linear _layer;

    public ResNet26Head(long features, int outputs)
        : base("resnet-26-head")
    {
        _layer = nn.Linear(features, outputs);
        register_module("layer", _layer);
    }

    public override Tensor forward(Features features) => _layer.forward(features.Representation!);
}
