using TorchSharp;
using TorchSharp.Modules;

namespace KdMtlBench.Tests.Networks;

/// <summary>Two rounds in which every node adds up what its neighbours hold, then the mean and the sum over a graph's nodes: a trunk
/// that takes several inputs, with heads like any other's.</summary>
[Model("message-passing", Title = "Message passing", Paper = "Gilmer et al., ICML 2017, at its simplest")]
public sealed class MessagePassing : TrunkAndHeads
{
    private const int Width = 16;

    public override Trunk Trunk(IReadOnlyList<InputInfo> inputs) => new Rounds();

    public override Head Head(Trunk trunk, TaskInfo task) => new Readout(task.Outputs);

    private sealed class Rounds : Trunk
    {
        private readonly Linear _first = nn.Linear(Graphs.Features, Width);
        private readonly Linear _own = nn.Linear(Width, Width);
        private readonly Linear _neighbours = nn.Linear(Width, Width);

        public Rounds()
            : base("message-passing")
        {
            register_module("first", _first);
            register_module("own", _own);
            register_module("neighbours", _neighbours);
        }

        public override IReadOnlyList<FeatureTap> Taps { get; } = [new("nodes", [Width], Suggested: false), new("graph", [2 * Width], Suggested: true)];

        public override IReadOnlyList<Parameter> LastSharedLayer => [_neighbours.weight, _neighbours.bias!];

        public override Features forward(NetworkInputs inputs)
        {
            var (from, to) = (inputs["edges"][0], inputs["edges"][1]);
            var nodes = _first.call(inputs["nodes"]).tanh();
            for (var round = 0; round < 2; round++)
                nodes = (_own.call(nodes) + zeros_like(nodes).index_add(0, to, _neighbours.call(nodes).index_select(0, from), 1)).tanh();
            var sums = zeros([inputs.Count, Width], dtype: nodes.dtype, device: nodes.device).index_add(0, inputs["graph-of-node"], nodes, 1);
            var counts = zeros([inputs.Count], dtype: nodes.dtype, device: nodes.device).index_add(0, inputs["graph-of-node"], ones_like(nodes.select(1, 0)), 1);
            var graph = cat([sums, sums / counts.unsqueeze(1)], 1);
            return new Features(graph, new Dictionary<string, Tensor> { ["nodes"] = nodes, ["graph"] = graph });
        }
    }

    private sealed class Readout : Head
    {
        private readonly Linear _layer;

        public Readout(int outputs)
            : base("readout")
        {
            _layer = nn.Linear(2 * Width, outputs);
            register_module("layer", _layer);
        }

        public override Tensor forward(Features features) => _layer.call(features.Representation!);
    }
}
