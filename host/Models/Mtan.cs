using System.ComponentModel;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace KdMtlBench.Host.Models;

/// <summary>SegNet with an attention branch for each task, which picks what the task needs out of every stage.</summary>
/// <remarks>
/// Liu, Johns &amp; Davison, CVPR 2019, figure 2. In every stage a task's mask, 1×1 convolution, batch norm, ReLU, 1×1
/// convolution, batch norm, sigmoid, is made from what the stage begins with and from the task's map so far; it multiplies
/// what the stage ends with. The masks and the last two convolutions are the task's own. The 3×3 convolution, batch norm and
/// ReLU that carries a task's map on to the next stage is shared by all tasks, so it belongs to the trunk, though a task's
/// branch runs through it: its batch norm sees one task after the other, as in the authors' code. Bilinear up-sampling
/// aligns the corners, also as there.
/// A task has no single shared representation: its branch begins at every stage, so strategies that take gradients at the
/// representation (mgda-ub, graddrop) do not fit.
/// </remarks>
[Model("mtan", Title = "Multi-task attention network on SegNet", Paper = "Liu, Johns & Davison, CVPR 2019, figure 2")]
public sealed class Mtan(MtanOptions options) : TrunkAndHeads
{
    public override Trunk Trunk(IReadOnlyList<InputInfo> inputs) => new MtanTrunk(inputs, options);

    public override Head Head(Trunk trunk, TaskInfo task) => new MtanHead((MtanTrunk)trunk, task.Outputs);

    public override MultiTaskNetwork Build(IReadOnlyList<InputInfo> inputs, IReadOnlyList<TaskInfo> tasks)
    {
        var trunk = new MtanTrunk(inputs, options);
        return new TrunkAndHeadsNetwork(
            trunk, [.. tasks.Select(task => new MtanHead(trunk, task.Outputs))], head => options.SharedAttention ? ((MtanHead)head).Attention : []);
    }
}

public sealed record MtanOptions : SegNetOptions
{
    [Description("count the tasks' attention masks as shared parameters, as the code of Nash-MTL (Navon et al., ICML 2022) does; by default they are a task's own")]
    public bool SharedAttention { get; init; }
}

/// <summary>SegNet's trunk, with its inner maps as taps, and the convolutions that all tasks' branches run through.</summary>
internal sealed class MtanTrunk : Trunk
{
    private readonly SegNetTrunk _backbone;

    public MtanTrunk(IReadOnlyList<InputInfo> inputs, SegNetOptions options)
        : base("mtan")
    {
        _backbone = new SegNetTrunk("mtan", inputs, options, tapInside: true);
        EncoderCarriers = nn.ModuleList([.. EncoderChannels.Zip(EncoderChannels.Skip(1).Append(EncoderChannels[^1]), Carrier)]);
        DecoderCarriers = nn.ModuleList([.. EncoderChannels.Reverse().Zip(DecoderChannels, Carrier)]);
        register_module("backbone", _backbone);
        register_module("encoder-carriers", EncoderCarriers);
        register_module("decoder-carriers", DecoderCarriers);

        static Sequential Carrier(long from, long to) => Kaiming.Unit(from, to, size: 3);
    }

    public override IReadOnlyList<FeatureTap> Taps => _backbone.Taps;

    /// <summary>SegNet's: the last layer that makes what every task's branch picks from.</summary>
    public override IReadOnlyList<Parameter> LastSharedLayer => _backbone.LastSharedLayer;

    public IReadOnlyList<long> EncoderChannels => _backbone.EncoderChannels;

    public IReadOnlyList<long> DecoderChannels => _backbone.DecoderChannels;

    /// <summary>By stage: what takes a task's masked map to the next stage's number of channels.</summary>
    public ModuleList<Sequential> EncoderCarriers { get; }

    /// <summary>By stage: what takes a task's enlarged map to the stage's number of channels.</summary>
    public ModuleList<Sequential> DecoderCarriers { get; }

    public override Features forward(NetworkInputs inputs) => _backbone.forward(inputs) with { Representation = null };
}

/// <summary>One task's masks, and SegNet's head on the last masked map: [batch, outputs, height, width].</summary>
internal sealed class MtanHead : Head
{
    private readonly Func<MtanTrunk> _trunk; // a module in a field would be registered here too
    private readonly ModuleList<Sequential> _encoderMasks;
    private readonly ModuleList<Sequential> _decoderMasks;
    private readonly Sequential _layers;

    public MtanHead(MtanTrunk trunk, int outputs)
        : base("mtan-head")
    {
        _trunk = () => trunk;
        _encoderMasks = nn.ModuleList([.. trunk.EncoderChannels.Select((channels, i) => Mask(i == 0 ? channels : 2 * channels, channels))]);
        _decoderMasks = nn.ModuleList([.. trunk.DecoderChannels.Select((channels, i) => Mask(trunk.EncoderChannels[^(i + 1)] + channels, channels))]);
        _layers = SegNetHead.Layers(trunk.DecoderChannels[^1], outputs);
        register_module("encoder-masks", _encoderMasks);
        register_module("decoder-masks", _decoderMasks);
        register_module("layers", _layers);
    }

    /// <summary>The parameters of the masks.</summary>
    public IReadOnlyList<Parameter> Attention => [.. _encoderMasks.parameters(), .. _decoderMasks.parameters()];

    public override Tensor forward(Features features)
    {
        using var scope = NewDisposeScope();
        var taps = features.Taps;
        Tensor? map = null;
        for (var stage = 1; stage <= _encoderMasks.Count; stage++)
        {
            var first = taps[$"encoder-{stage}-first"];
            var mask = _encoderMasks[stage - 1].forward(map is null ? first : cat([first, map], 1));
            map = max_pool2d(_trunk().EncoderCarriers[stage - 1].forward(mask * taps[$"encoder-{stage}-last"]), 2);
        }

        for (var stage = 1; stage <= _decoderMasks.Count; stage++)
        {
            var unpooled = taps[$"decoder-{stage}-unpooled"];
            var larger = interpolate(map!, size: unpooled.shape[2..], mode: InterpolationMode.Bilinear, align_corners: true);
            var carried = _trunk().DecoderCarriers[stage - 1].forward(larger);
            map = _decoderMasks[stage - 1].forward(cat([unpooled, carried], 1)) * taps[$"decoder-{stage}"];
        }

        return SegNetHead.Apply(_layers, map!).MoveToOuterDisposeScope();
    }

    private static Sequential Mask(long from, long to) => nn.Sequential(
        Kaiming.Convolution(from, to, size: 1, nn.init.NonlinearityType.ReLU),
        nn.BatchNorm2d(to),
        nn.ReLU(inplace: true),
        Kaiming.Convolution(to, to, size: 1, nn.init.NonlinearityType.ReLU),
        nn.BatchNorm2d(to),
        nn.Sigmoid());
}
