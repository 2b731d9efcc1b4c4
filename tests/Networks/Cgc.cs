using TorchSharp;
using TorchSharp.Modules;

namespace KdMtlBench.Tests.Networks;

/// <summary>Experts that all tasks share beside experts of each task's own; a task's gate mixes the shared ones with its own.</summary>
/// <remarks>Tang, Liu, Zhao &amp; Gong, RecSys 2020, section 4.1 (customised gate control). The shared experts are the shared parameters; a
/// task's experts, gate and tower are its own, and the mixture is a representation that it has for itself.</remarks>
[Model("cgc", Title = "Customised gate control", Paper = "Tang, Liu, Zhao & Gong, RecSys 2020")]
public sealed class Cgc : IModel
{
    public const int Width = 12;
    public const int Experts = 2;

    public MultiTaskNetwork Build(IReadOnlyList<InputInfo> inputs, IReadOnlyList<TaskInfo> tasks) => new Gated(tasks);

    public sealed class Gated : MultiTaskNetwork
    {
        private readonly ModuleList<TableLayer> _shared;
        private readonly ModuleList<Branch> _branches;

        public Gated(IReadOnlyList<TaskInfo> tasks)
            : base("cgc")
        {
            _shared = nn.ModuleList([.. Enumerable.Range(0, Experts).Select(_ => new TableLayer(Width))]);
            _branches = nn.ModuleList([.. tasks.Select(task => new Branch(task.Outputs))]);
            register_module("shared", _shared);
            register_module("branches", _branches);
        }

        public override IReadOnlyList<FeatureTap> Taps { get; } = [new("mixture", [Width], Suggested: true)];

        public override IReadOnlyList<Parameter> SharedParameters => [.. _shared.parameters()];

        public override IReadOnlyList<Parameter> TaskParameters(int task) => [.. _branches[task].parameters()];

        public override NetworkOutputs forward(NetworkInputs inputs)
        {
            Tensor[] shared = [.. _shared.Select(expert => expert.forward(inputs))];
            return new NetworkOutputs([.. inputs.Tasks.Select(task => _branches[task].forward(inputs, shared))]);
        }
    }

    public sealed class Branch : nn.Module
    {
        private readonly ModuleList<TableLayer> _experts;
        private readonly Linear _gate;
        private readonly Linear _tower;

        public Branch(int outputs)
            : base("branch")
        {
            _experts = nn.ModuleList([.. Enumerable.Range(0, Experts).Select(_ => new TableLayer(Width))]);
            (_gate, _tower) = (nn.Linear(Table.Numbers, 2 * Experts), nn.Linear(Width, outputs));
            register_module("experts", _experts);
            register_module("gate", _gate);
            register_module("tower", _tower);
        }

        public TaskOutput forward(NetworkInputs inputs, IEnumerable<Tensor> shared)
        {
            var experts = stack([.. shared, .. _experts.Select(expert => expert.forward(inputs))], 1); // [batch, experts, width]
            var mixture = (_gate.call(inputs["numbers"]).softmax(1).unsqueeze(2) * experts).sum(1);
            return new TaskOutput(_tower.call(mixture), new Dictionary<string, Tensor> { ["mixture"] = mixture }, mixture);
        }
    }
}
