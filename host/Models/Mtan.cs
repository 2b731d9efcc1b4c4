using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using KdMtlBench.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace KdMtlBench.Host.Models;

/// <summary>SegNet with attention: each task masks the shared maps of every stage with masks of its own.</summary>
/// <remarks>Liu, Johns &amp; Davison, CVPR 2019, section 3 and their SegNet form. The attention modules belong to their task; the
/// convolutions that carry an attended map to the next stage are shared by the tasks. There is no single shared representation, so that
/// strategies which work on one (mgda-ub, graddrop) do not fit.</remarks>
[Model("mtan", Title = "MTAN on SegNet", Paper = "Liu, Johns & Davison, CVPR 2019, section 3")]
public sealed class Mtan(MtanOptions options) : IModel
{
    public Trunk Trunk(IReadOnlyList<long> inputShape) => new MtanTrunk(inputShape, options.Width, options.Stages);

    public Head Head(Trunk trunk, TaskInfo task) => new MtanHead((MtanTrunk)trunk, task.Outputs);
}

public sealed record MtanOptions
{
    [Description("factor of all channel numbers: 1 is the published network, 64 to 512 channels"), Range(1e-3, 8)]
    public double Width { get; init; } = 1;

    [Description("how often the image is halved: 5 as published, fewer for small images"), Range(1, 5)]
    public int Stages { get; init; } = 5;
}

/// <summary>SegNet's trunk, whose inner maps are taps too, and the convolutions that the tasks' attended maps share.</summary>
internal sealed class MtanTrunk : SegNetTrunk
{
    private readonly ModuleList<Sequential> _encoderCarriers;
    private readonly ModuleList<Sequential> _decoderCarriers;

    public MtanTrunk(IReadOnlyList<long> inputShape, double width, int stages)
        : base(inputShape, width, stages, innerTaps: true)
    {
        var wider = EncoderChannels.Skip(1).Append(EncoderChannels[^1]);
        _encoderCarriers = nn.ModuleList([.. EncoderChannels.Zip(wider, Carrier)]);
        _decoderCarriers = nn.ModuleList([.. DecoderChannels.Prepend(EncoderChannels[^1]).Zip(DecoderChannels, Carrier)]);
        register_module("encoder-carriers", _encoderCarriers);
        register_module("decoder-carriers", _decoderCarriers);
    }

    /// <summary>An attended map of encoder stage <paramref name="stage"/>, taken to the next: other channels, half the size.</summary>
    public Tensor Down(int stage, Tensor attended) => max_pool2d(_encoderCarriers[stage].forward(attended), 2);

    /// <summary>An attended map, taken to decoder stage <paramref name="stage"/>: other channels, as large as that stage's maps.</summary>
    public Tensor Up(int stage, Tensor attended, long[] size) =>
        _decoderCarriers[stage].forward(interpolate(attended, size, mode: InterpolationMode.Bilinear, align_corners: true));

    private static Sequential Carrier(long from, long to) => Units(from, to, 1);
}

/// <summary>One task's attention modules and its prediction: [batch, outputs, height, width].</summary>
internal sealed class MtanHead : Head
{
    private readonly MtanTrunk _trunk;
    private readonly ModuleList<Sequential> _encoder;
    private readonly ModuleList<Sequential> _decoder;
    private readonly SegNetHead _prediction;

    public MtanHead(MtanTrunk trunk, int outputs)
        : base("mtan-head")
    {
        _trunk = trunk;
        _encoder = nn.ModuleList([.. trunk.EncoderChannels.Select((channels, stage) => Attention(stage == 0 ? channels : 2 * channels, channels))]);
        _decoder = nn.ModuleList([.. trunk.DecoderChannels.Select((channels, stage) =>
            Attention((stage == 0 ? trunk.EncoderChannels[^1] : trunk.DecoderChannels[stage - 1]) + channels, channels))]);
        _prediction = new SegNetHead(trunk.DecoderChannels[^1], outputs);
        register_module("encoder", _encoder);
        register_module("decoder", _decoder);
        register_module("prediction", _prediction);
    }

    public override Tensor forward(Features features)
    {
        using var scope = NewDisposeScope();
        Tensor? carried = null;
        for (var stage = 0; stage < _encoder.Count; stage++)
        {
            var first = features.Taps[$"encoder-{stage + 1}-first"];
            var mask = _encoder[stage].forward(carried is null ? first : cat([first, carried], 1));
            carried = _trunk.Down(stage, mask * features.Taps[$"encoder-{stage + 1}-last"]);
        }

        for (var stage = 0; stage < _decoder.Count; stage++)
        {
            var unpooled = features.Taps[$"decoder-{stage + 1}-unpooled"];
            carried = _trunk.Up(stage, carried!, unpooled.shape[2..]);
            carried = _decoder[stage].forward(cat([unpooled, carried], 1)) * features.Taps[$"decoder-{stage + 1}"];
        }

        return _prediction.forward(new Features(carried, features.Taps)).MoveToOuterDisposeScope();
    }

    // 1×1 convolution, batch norm, ReLU, 1×1 convolution, batch norm, sigmoid: a mask between 0 and 1.
    private static Sequential Attention(long from, long to) => nn.Sequential(
        Kaiming.Convolution(from, to, size: 1, nn.init.NonlinearityType.ReLU), nn.BatchNorm2d(to), nn.ReLU(inplace: true),
        Kaiming.Convolution(to, to, size: 1, nn.init.NonlinearityType.ReLU), nn.BatchNorm2d(to), nn.Sigmoid());
}
