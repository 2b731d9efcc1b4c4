using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace KdMtlBench.Host.Models;

/// <summary>VGG16-like encoder and decoder: max-pooling remembers where each maximum stood, and un-pooling puts it back there.</summary>
/// <remarks>Badrinarayanan, Kendall &amp; Cipolla, TPAMI 2017, in the form of Liu, Johns &amp; Davison, CVPR 2019: one
/// decoder shared by all tasks, and a head of a 3×3 and a 1×1 convolution with nothing between.</remarks>
[Model("segnet", Title = "SegNet", Paper = "Badrinarayanan, Kendall & Cipolla, TPAMI 2017; heads of Liu, Johns & Davison, CVPR 2019")]
public sealed class SegNet(SegNetOptions options) : TrunkAndHeads
{
    public override Trunk Trunk(IReadOnlyList<InputInfo> inputs) => new SegNetTrunk("segnet", inputs, options);

    public override Head Head(Trunk trunk, TaskInfo task) => new SegNetHead(trunk.Taps[^1].Shape[0], task.Outputs);
}

public record SegNetOptions
{
    [Description("factor of all channel numbers: 1 is the published network, 64 to 512 channels"), Range(1e-3, 8)]
    public double Width { get; init; } = 1;

    [Description("how often the image is halved: 5 as published, fewer for small images"), Range(1, 5)]
    public int Stages { get; init; } = 5;
}

/// <summary>Taps, in the order of computation: <c>encoder-1</c> to <c>encoder-N</c>, the map after that stage's pooling,
/// each half as high and wide as the one before; <c>decoder-1</c> to <c>decoder-N</c>, the map after that stage's last
/// convolution, each twice as large, the last as large as the input. On request also the maps inside the stages:
/// <c>encoder-N-first</c> and <c>encoder-N-last</c>, after the stage's first and last convolution, and <c>decoder-N-unpooled</c>,
/// what the decoder's stage begins with.</summary>
internal sealed class SegNetTrunk : Trunk
{
    private static readonly int[] PublishedChannels = [64, 128, 256, 512, 512];
    private static readonly int[] Convolutions = [2, 2, 3, 3, 3];
    private static readonly long[] PoolSize = [2, 2];

    private readonly ModuleList<SegNetStage> _encoder;
    private readonly ModuleList<SegNetStage> _decoder;
    private readonly HashSet<string> _tapNames;

    public SegNetTrunk(string name, IReadOnlyList<InputInfo> inputs, SegNetOptions options, bool tapInside = false)
        : base(name)
    {
        var stages = options.Stages;
        var (channels, height, breadth) = ImageShape.Of(
            inputs, 1 << stages, $"model {name} halves its input {stages} times and", "larger images, fewer stages or the model lenet");

        EncoderChannels = [.. PublishedChannels.Take(stages).Select(published => Width.Scaled(published, options.Width))];
        DecoderChannels = [.. EncoderChannels.SkipLast(1).Prepend(EncoderChannels[0]).Reverse()];
        var inside = Enumerable.Range(0, stages).ToArray();
        _encoder = nn.ModuleList([.. inside.Select(i => new SegNetStage(i == 0 ? channels : EncoderChannels[i - 1], EncoderChannels[i], Convolutions[i]))]);
        _decoder = nn.ModuleList([.. inside.Select(i => new SegNetStage(EncoderChannels[^(i + 1)], DecoderChannels[i], Convolutions[stages - 1 - i]))]);
        register_module("encoder", _encoder);
        register_module("decoder", _decoder);
        Taps = [.. inside.SelectMany(EncoderTaps), .. inside.SelectMany(DecoderTaps)];
        _tapNames = [.. Taps.Select(tap => tap.Name)];

        IEnumerable<FeatureTap> EncoderTaps(int i)
        {
            if (tapInside)
            {
                yield return Tap($"encoder-{i + 1}-first", EncoderChannels[i], halvings: i);
                yield return Tap($"encoder-{i + 1}-last", EncoderChannels[i], halvings: i);
            }

            yield return Tap($"encoder-{i + 1}", EncoderChannels[i], halvings: i + 1, suggested: i == stages - 1);
        }

        IEnumerable<FeatureTap> DecoderTaps(int i)
        {
            var halvings = stages - 1 - i;
            if (tapInside)
                yield return Tap($"decoder-{i + 1}-unpooled", EncoderChannels[halvings], halvings);
            yield return Tap($"decoder-{i + 1}", DecoderChannels[i], halvings, suggested: i == stages - 1);
        }

        FeatureTap Tap(string tap, long channels, int halvings, bool suggested = false) =>
            new(tap, [channels, height >> halvings, breadth >> halvings], suggested);
    }

    public override IReadOnlyList<FeatureTap> Taps { get; }

    /// <summary>Weight and bias of the decoder's last convolution; the normalisation after it is not counted in.</summary>
    public override IReadOnlyList<Parameter> LastSharedLayer
    {
        get
        {
            var last = _decoder[^1].Rest.modules().OfType<Conv2d>().Last();
            return [last.weight, last.bias!];
        }
    }

    /// <summary>Of the encoder's stages, from the image inwards: as published 64, 128, 256, 512, 512.</summary>
    public IReadOnlyList<long> EncoderChannels { get; }

    /// <summary>Of the decoder's stages, from the smallest map outwards: as published 512, 256, 128, 64, 64.</summary>
    public IReadOnlyList<long> DecoderChannels { get; }

    public override Features forward(NetworkInputs inputs)
    {
        using var scope = NewDisposeScope();
        var taps = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var pools = new Stack<(Tensor Indices, long[] Size)>();
        var map = ChannelsLast.Of(inputs.Single);
        for (var stage = 1; stage <= _encoder.Count; stage++)
        {
            var first = Keep($"encoder-{stage}-first", _encoder[stage - 1].First.forward(map));
            var last = Keep($"encoder-{stage}-last", _encoder[stage - 1].Rest.forward(first));
            (map, var indices) = max_pool2d_with_indices(last, PoolSize);
            pools.Push((indices, last.shape[2..]));
            Keep($"encoder-{stage}", map);
        }

        for (var stage = 1; stage <= _decoder.Count; stage++)
        {
            var (indices, size) = pools.Pop();
            var unpooled = Keep($"decoder-{stage}-unpooled", Unpool(map, indices, size));
            map = Keep($"decoder-{stage}", _decoder[stage - 1].forward(unpooled));
        }

        return new Features(map, taps);

        Tensor Keep(string name, Tensor value)
        {
            if (_tapNames.Contains(name))
                taps.Add(name, value.MoveToOuterDisposeScope());
            return value;
        }
    }

    // TorchSharp 0.107 loses max_unpool2d's output size, without which maps of odd size come back shifted.
    // Pixel by pixel, as the channels lie in memory.
    private static Tensor Unpool(Tensor map, Tensor indices, long[] size)
    {
        var (batch, channels) = (map.shape[0], map.shape[1]);
        var empty = map.new_zeros(batch, size[0] * size[1], channels);
        return empty.scatter(1, Places(indices), Places(map)).view(batch, size[0], size[1], channels).permute(0, 3, 1, 2);

        static Tensor Places(Tensor map) => map.permute(0, 2, 3, 1).flatten(1, 2);
    }
}

/// <summary>Two or three units of a 3×3 convolution, batch norm and ReLU; the first changes the number of channels.</summary>
internal sealed class SegNetStage : nn.Module<Tensor, Tensor>
{
    public SegNetStage(long from, long to, int units)
        : base("segnet-stage")
    {
        First = Kaiming.Unit(from, to, size: 3);
        Rest = nn.Sequential([.. Enumerable.Range(1, units - 1).Select(_ => Kaiming.Unit(to, to, size: 3))]);
        register_module("first", First);
        register_module("rest", Rest);
    }

    public Sequential First { get; }

    public Sequential Rest { get; }

    public override Tensor forward(Tensor input)
    {
        using var first = First.forward(input);
        return Rest.forward(first);
    }
}

/// <summary>3×3 and 1×1 convolution on the last decoder map: [batch, outputs, height, width].</summary>
internal sealed class SegNetHead : Head
{
    private readonly Sequential _layers;

    public SegNetHead(long channels, int outputs)
        : base("segnet-head")
    {
        _layers = Layers(channels, outputs);
        register_module("layers", _layers);
    }

    /// <summary>3×3 and 1×1 convolution with nothing between; to be applied by <see cref="Apply"/>.</summary>
    public static Sequential Layers(long channels, int outputs) => nn.Sequential(
        Kaiming.Convolution(channels, channels, size: 3, nn.init.NonlinearityType.ReLU),
        Kaiming.Convolution(channels, outputs, size: 1, nn.init.NonlinearityType.Linear));

    /// <summary>What the <see cref="Layers"/> make of a map. Together they are one linear map, computed as the one 3×3 convolution
    /// that it is: a fraction of the work, and the same gradients but for rounding.</summary>
    public static Tensor Apply(Sequential layers, Tensor map)
    {
        var (first, second) = ((Conv2d)layers[0], (Conv2d)layers[1]);
        var (outputs, channels) = (second.weight.shape[0], second.weight.shape[1]);
        using var scope = NewDisposeScope();
        var (mix, shift) = (second.weight.view(outputs, channels).to(map.dtype), second.bias!.to(map.dtype));
        var unused = map.dtype == ScalarType.BFloat16 ? outputs % 2 : 0; // bfloat16 wants them even: HalfPrecision
        if (unused > 0)
            (mix, shift) = (pad(mix, [0, 0, 0, unused]), pad(shift, [0, unused]));
        var kernel = mix.matmul(first.weight.permute(0, 2, 3, 1).flatten(1).to(map.dtype)).view(outputs + unused, 3, 3, channels).permute(0, 3, 1, 2);
        var bias = mix.mv(first.bias!.to(map.dtype)) + shift;
        return conv2d(map, kernel, bias, padding: [1L, 1L]).narrow(1, 0, outputs).MoveToOuterDisposeScope();
    }

    public override Tensor forward(Features features) => Apply(_layers, features.Representation!);
}
