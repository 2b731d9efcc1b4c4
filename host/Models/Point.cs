using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Models;

/// <summary>No network: the features are the input moved by a vector, which is all that is learnt. For toy problems.</summary>
[Model("point", Title = "A point", Paper = "for toy problems: the input plus a learnt vector that starts at zero")]
public sealed class Point : TrunkAndHeads
{
    public override Trunk Trunk(IReadOnlyList<InputInfo> inputs) => inputs is [{ Shape: [-1, var length] }]
        ? new PointTrunk(length)
        : throw new InputException($"model point takes vectors, but the benchmark's inputs are {string.Join(" and ", inputs)}: choose the benchmark toy or another model");

    public override Head Head(Trunk trunk, TaskInfo task) => new PointHead();

    private sealed class PointTrunk : Trunk
    {
        [TorchSharp.Utils.ComponentName(Name = "offset")] // or the field keeps a disposed tensor when the model moves to another device or type
        private readonly Parameter _offset;

        public PointTrunk(long length)
            : base("point")
        {
            _offset = new Parameter(zeros(length));
            register_parameter("offset", _offset);
            Taps = [new FeatureTap("point", [length], Suggested: true)];
        }

        public override IReadOnlyList<FeatureTap> Taps { get; }

        public override IReadOnlyList<Parameter> LastSharedLayer => [_offset];

        public override Features forward(NetworkInputs inputs)
        {
            var point = inputs.Single + _offset;
            return new Features(point, new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["point"] = point });
        }
    }

    private sealed class PointHead() : Head("point-head")
    {
        public override Tensor forward(Features features) => features.Representation!;
    }
}
