using TorchSharp;
using TorchSharp.Modules;

namespace KdMtlBench.Tests.Networks;

/// <summary>A column of dense layers for each task; after each layer a unit mixes what the columns hold, x̃ₖ = Σⱼ αₖⱼ xⱼ.</summary>
/// <remarks>Misra, Shrivastava, Gupta &amp; Hebert, CVPR 2016, equation 1. Every column reaches every task, so all but the last layers are shared.</remarks>
[Model("cross-stitch", Title = "Cross-stitch network", Paper = "Misra, Shrivastava, Gupta & Hebert, CVPR 2016")]
public sealed class CrossStitch : IModel
{
    public const int Width = 12;
    public const int Layers = 2;

    public MultiTaskNetwork Build(IReadOnlyList<InputInfo> inputs, IReadOnlyList<TaskInfo> tasks) => new Columns(tasks);

    public sealed class Columns : MultiTaskNetwork
    {
        private readonly ModuleList<TableLayer> _first;
        private readonly ModuleList<Linear> _second;
        private readonly ParameterList _units;
        private readonly ModuleList<Linear> _outputs;

        public Columns(IReadOnlyList<TaskInfo> tasks)
            : base("cross-stitch")
        {
            _first = nn.ModuleList([.. tasks.Select(_ => new TableLayer(Width))]);
            _second = nn.ModuleList([.. tasks.Select(_ => nn.Linear(Width, Width))]);
            _units = nn.ParameterList([.. Enumerable.Range(0, Layers).Select(_ => new Parameter(Unit(tasks.Count)))]);
            _outputs = nn.ModuleList([.. tasks.Select(task => nn.Linear(Width, task.Outputs))]);
            register_module("first", _first);
            register_module("second", _second);
            register_module("units", _units);
            register_module("outputs", _outputs);
        }

        public override IReadOnlyList<FeatureTap> Taps { get; } = [new("layer-1", [Width], Suggested: false), new("layer-2", [Width], Suggested: true)];

        public override IReadOnlyList<Parameter> SharedParameters => [.. _first.parameters(), .. _second.parameters(), .. _units.parameters()];

        public override IReadOnlyList<Parameter> TaskParameters(int task) => [.. _outputs[task].parameters()];

        public override NetworkOutputs forward(NetworkInputs inputs)
        {
            var first = Mixed(0, [.. _first.Select(column => column.forward(inputs))]);
            var second = Mixed(1, [.. _second.Select((column, k) => column.call(first[k]).tanh())]);
            return new NetworkOutputs([.. inputs.Tasks.Select(task => new TaskOutput(
                _outputs[task].call(second[task]),
                new Dictionary<string, Tensor> { ["layer-1"] = first[task], ["layer-2"] = second[task] },
                second[task]))]);
        }

        private Tensor[] Mixed(int layer, Tensor[] columns)
        {
            var all = stack(columns); // [tasks, batch, width]
            return [.. columns.Select((_, k) => tensordot(_units[layer][k].to(all.dtype), all, [0], [0]))];
        }

        private static Tensor Unit(int tasks) => tasks == 1 ? ones(1, 1) : eye(tasks) * (0.9 - (0.1 / (tasks - 1))) + 0.1 / (tasks - 1);
    }
}

/// <summary>The first layer on a table's row: its numbers, and a vector for its category.</summary>
public sealed class TableLayer : nn.Module
{
    private readonly Linear _numbers;
    private readonly Embedding _category;

    public TableLayer(long width)
        : base("table-layer")
    {
        (_numbers, _category) = (nn.Linear(Table.Numbers, width), nn.Embedding(Table.Categories, width));
        register_module("numbers", _numbers);
        register_module("category", _category);
    }

    public Tensor forward(NetworkInputs inputs) => (_numbers.call(inputs["numbers"]) + _category.call(inputs["category"])).tanh();
}
