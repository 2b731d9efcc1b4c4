namespace KdMtlBench.Samples;

/// <summary>One shared dense layer and one dense layer a task, for vectors.</summary>
[Model("mlp", Title = "Multi-layer perceptron", Paper = "a sample plugin")]
public sealed class Mlp(MlpOptions options) : TrunkAndHeads
{
    public override Trunk Trunk(IReadOnlyList<InputInfo> inputs) => inputs is [{ Shape: [-1, var length] }]
        ? new SharedLayer(length, options.Features)
        : throw new InputException($"model mlp takes vectors, but the benchmark's inputs are {string.Join(" and ", inputs)}: choose another model");

    public override Head Head(Trunk trunk, TaskInfo task) => new OwnLayer(trunk.Taps[0].Shape[0], task.Outputs);

    private sealed class SharedLayer : Trunk
    {
        private readonly TorchSharp.Modules.Linear _layer;

        public SharedLayer(long length, long features)
            : base("mlp")
        {
            _layer = nn.Linear(length, features);
            register_module("layer", _layer);
            Taps = [new FeatureTap("hidden", [features], Suggested: true)];
        }

        public override IReadOnlyList<FeatureTap> Taps { get; }

        public override IReadOnlyList<TorchSharp.Modules.Parameter> LastSharedLayer => [_layer.weight, _layer.bias!];

        public override Features forward(NetworkInputs inputs)
        {
            var hidden = _layer.call(inputs.Single).tanh();
            return new Features(hidden, new Dictionary<string, Tensor> { ["hidden"] = hidden });
        }
    }

    private sealed class OwnLayer : Head
    {
        private readonly TorchSharp.Modules.Linear _layer;

        public OwnLayer(long features, int outputs)
            : base("mlp-head")
        {
            _layer = nn.Linear(features, outputs);
            register_module("layer", _layer);
        }

        public override Tensor forward(Features features) => _layer.call(features.Representation!);
    }
}

public sealed record MlpOptions
{
    [Description("of the shared layer"), Range(1, 10000)]
    public int Features { get; init; } = 32;
}
