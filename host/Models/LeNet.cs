using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace KdMtlBench.Host.Models;

/// <summary>Two convolutions and one dense layer that all tasks share, two dense layers a task: for whole-image tasks on
/// small images.</summary>
/// <remarks>As Sener &amp; Koltun, NeurIPS 2018, use it for MultiMNIST (after LeCun et al. 1998): convolutions 5×5 without
/// padding to 10 and 20 channels, each followed by 2×2 max-pooling and ReLU, a dense layer of 50; per task 50 → 50 → classes.
/// Weights as PyTorch draws them by default.</remarks>
[Model("lenet", Title = "LeNet", Paper = "LeCun, Bottou, Bengio & Haffner, Proc. IEEE 1998; multi-task form of Sener & Koltun, NeurIPS 2018")]
public sealed class LeNet(LeNetOptions options) : TrunkAndHeads
{
    public override Trunk Trunk(IReadOnlyList<InputInfo> inputs) => new LeNetTrunk(inputs, options.Width);

    public override Head Head(Trunk trunk, TaskInfo task) => new LeNetHead(trunk.Taps[^1].Shape[0], task.Outputs);
}

public sealed record LeNetOptions
{
    [Description("factor of the numbers of channels and features: 1 is the published network, 10, 20 and 50"), Range(1e-2, 100)]
    public double Width { get; init; } = 1;
}

/// <summary>Taps: <c>conv-1</c> and <c>conv-2</c>, the maps after pooling and ReLU, and <c>fc</c>, the shared vector.</summary>
internal sealed class LeNetTrunk : Trunk
{
    private const int SmallestSide = 16;
    private const int KernelSize = 5;

    private readonly Conv2d _first;
    private readonly Conv2d _second;
    private readonly Linear _dense;

    public LeNetTrunk(IReadOnlyList<InputInfo> inputs, double width)
        : base("lenet")
    {
        var (channels, height, breadth) = ImageShape.Of(inputs, SmallestSide, "model lenet");
        long[] first = [Scaled(10), Shrunk(height), Shrunk(breadth)];
        long[] second = [Scaled(20), Shrunk(first[1]), Shrunk(first[2])];
        _first = nn.Conv2d(channels, first[0], KernelSize);
        _second = nn.Conv2d(first[0], second[0], KernelSize);
        _dense = nn.Linear(second[0] * second[1] * second[2], Scaled(50));
        register_module("conv-1", _first);
        register_module("conv-2", _second);
        register_module("fc", _dense);
        Taps =
        [
            new FeatureTap("conv-1", first, Suggested: false),
            new FeatureTap("conv-2", second, Suggested: true),
            new FeatureTap("fc", [Scaled(50)], Suggested: true),
        ];

        long Scaled(int published) => Width.Scaled(published, width);
    }

    public override IReadOnlyList<FeatureTap> Taps { get; }

    public override IReadOnlyList<Parameter> LastSharedLayer => [_dense.weight, _dense.bias!];

    public override Features forward(NetworkInputs inputs)
    {
        using var scope = NewDisposeScope();
        var first = max_pool2d(_first.call(ChannelsLast.Of(inputs.Single)), 2).relu_();
        var second = max_pool2d(_second.call(first), 2).relu_();
        var shared = _dense.call(second.flatten(1)).relu_();
        return new Features(shared.MoveToOuterDisposeScope(), new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            ["conv-1"] = first.MoveToOuterDisposeScope(),
            ["conv-2"] = second.MoveToOuterDisposeScope(),
            ["fc"] = shared,
        });
    }

    // A side after an unpadded convolution and a pooling.
    private static long Shrunk(long side) => (side - KernelSize + 1) / 2;
}

/// <summary>Two dense layers on the shared vector: [batch, outputs].</summary>
internal sealed class LeNetHead : Head
{
    private readonly Sequential _layers;

    public LeNetHead(long features, int outputs)
        : base("lenet-head")
    {
        _layers = nn.Sequential(nn.Linear(features, features), nn.ReLU(), nn.Linear(features, outputs));
        register_module("layers", _layers);
    }

    public override Tensor forward(Features features) => _layers.forward(features.Representation!);
}
