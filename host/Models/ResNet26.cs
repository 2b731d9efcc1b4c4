using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace KdMtlBench.Host.Models;

/// <summary>Residual network of 26 layers for whole-image tasks on images of about 64×64 pixels.</summary>
/// <remarks>As Rebuffi, Bilen &amp; Vedaldi, NeurIPS 2017, use it for many small image sets: a convolution to 32 channels, then
/// three stages of four basic blocks with 64, 128 and 256, each stage starting with stride 2; where a block halves the map, its
/// shortcut is a 2×2 average pooling with zero channels appended. Global average pooling, and a linear layer a task.</remarks>
[Model("resnet-26", Title = "ResNet-26", Paper = "He, Zhang, Ren & Sun, CVPR 2016; form of Rebuffi, Bilen & Vedaldi, NeurIPS 2017")]
public sealed class ResNet26(ResNet26Options options) : TrunkAndHeads
{
    public override Trunk Trunk(IReadOnlyList<InputInfo> inputs) => new ResNet26Trunk(inputs, options.Width);

    public override Head Head(Trunk trunk, TaskInfo task) => new LinearHead(trunk.Taps[^1].Shape[0], task.Outputs);
}

public sealed record ResNet26Options
{
    [Description("factor of all channel numbers: 1 is the published network, 32 to 256 channels"), Range(1e-2, 8)]
    public double Width { get; init; } = 1;
}

/// <summary>Taps: <c>stage-1</c> to <c>stage-3</c>, the maps after each stage, and <c>pool</c>, the shared vector.</summary>
internal sealed class ResNet26Trunk : Trunk
{
    private const int SmallestSide = 8;
    private const int BlocksPerStage = 4;

    private readonly Sequential _first;
    private readonly ModuleList<Block> _blocks = nn.ModuleList<Block>();
    private readonly BatchNorm2d _end;

    public ResNet26Trunk(IReadOnlyList<InputInfo> inputs, double width)
        : base("resnet-26")
    {
        var (colours, height, breadth) = ImageShape.Of(inputs, SmallestSide, "model resnet-26");
        long[] channels = [.. new[] { 32, 64, 128, 256 }.Select(published => Width.Scaled(published, width))];
        _first = nn.Sequential(Convolution(colours, channels[0], stride: 1), nn.BatchNorm2d(channels[0]));
        var taps = new List<FeatureTap>();
        for (var stage = 1; stage < channels.Length; stage++)
        {
            for (var block = 0; block < BlocksPerStage; block++)
                _blocks.append(new Block(block == 0 ? channels[stage - 1] : channels[stage], channels[stage], halves: block == 0));
            (height, breadth) = ((height + 1) / 2, (breadth + 1) / 2);
            taps.Add(new FeatureTap($"stage-{stage}", [channels[stage], height, breadth], Suggested: stage == 3));
        }

        _end = nn.BatchNorm2d(channels[^1]);
        Taps = [.. taps, new FeatureTap("pool", [channels[^1]], Suggested: true)];
        register_module("first", _first);
        register_module("blocks", _blocks);
        register_module("end", _end);
    }

    public override IReadOnlyList<FeatureTap> Taps { get; }

    /// <summary>Weight of the last convolution; the normalisations after it are not counted in.</summary>
    public override IReadOnlyList<Parameter> LastSharedLayer => [_blocks[^1].LastConvolution.weight];

    public override Features forward(NetworkInputs inputs)
    {
        using var scope = NewDisposeScope();
        var taps = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var map = _first.call(ChannelsLast.Of(inputs.Single));
        for (var block = 0; block < _blocks.Count; block++)
        {
            map = _blocks[block].forward(map);
            if ((block + 1) % BlocksPerStage == 0)
                taps.Add($"stage-{(block + 1) / BlocksPerStage}", map.MoveToOuterDisposeScope());
        }

        var vector = _end.call(map).relu_().mean([2, 3]).MoveToOuterDisposeScope();
        taps.Add("pool", vector);
        return new Features(vector, taps);
    }

    private static Conv2d Convolution(long from, long to, long stride)
    {
        var convolution = nn.Conv2d(from, to, 3, stride: stride, padding: 1, bias: false);
        nn.init.kaiming_normal_(convolution.weight, nonlinearity: nn.init.NonlinearityType.ReLU);
        return convolution;
    }

    /// <summary>Two 3×3 convolutions around which the input passes by.</summary>
    internal sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Sequential _layers;
        private readonly bool _halves;
        private readonly long _newChannels;

        public Block(long from, long to, bool halves)
            : base("block")
        {
            (_halves, _newChannels) = (halves, to - from);
            LastConvolution = Convolution(to, to, stride: 1);
            _layers = nn.Sequential(
                Convolution(from, to, stride: halves ? 2 : 1), nn.BatchNorm2d(to), nn.ReLU(inplace: true), LastConvolution, nn.BatchNorm2d(to));
            register_module("layers", _layers);
        }

        public Conv2d LastConvolution { get; }

        public override Tensor forward(Tensor inputs)
        {
            using var scope = NewDisposeScope();
            return (_layers.forward(inputs) + Shortcut(inputs)).relu_().MoveToOuterDisposeScope();
        }

        private Tensor Shortcut(Tensor inputs) => _halves
            ? pad(avg_pool2d(inputs, 2, ceil_mode: true), [0, 0, 0, 0, 0, _newChannels])
            : inputs;
    }
}

/// <summary>One dense layer on the shared vector: [batch, outputs].</summary>
internal sealed class LinearHead : Head
{
    private readonly Linear _layer;

    public LinearHead(long features, int outputs)
        : base("linear-head")
    {
        _layer = nn.Linear(features, outputs);
        register_module("layer", _layer);
    }

    public override Tensor forward(Features features) => _layer.forward(features.Representation!);
}
