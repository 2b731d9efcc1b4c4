using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Host.Models;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;

namespace KdMtlBench.Tests.Training.Networks;

/// <summary>A linear trunk Z = XW on a batch X with XXᵀ = 1: the gradients at W are Xᵀ ∂L/∂Z and have the inner products
/// of those at Z, so that MGDA's upper bound is exact.</summary>
public sealed class OrthogonalTrunkTests : TensorTest
{
    [Fact]
    public void Upper_bound_and_exact_mgda_train_alike()
    {
        var (exact, bound) = (Train(typeof(Mgda)), Train(typeof(MgdaUb)));
        exact.Count.ShouldBe(6);
        foreach (var (a, b) in exact.Zip(bound))
            foreach (var task in a.Weights.Keys)
            {
                a.Weights[task].ShouldBe(b.Weights[task], 1e-4);
                a.TrainLosses[task].ShouldBe(b.TrainLosses[task], 1e-4);
            }

        exact[0].Weights.Values.Distinct().Count().ShouldBe(3, "the tasks must differ for the comparison to say something");
    }

    private static List<EpochRecord> Train(Type strategy)
    {
        var spec = Tiny.Spec(training: Tiny.Training with { Epochs = 6, BatchSize = 8 }, benchmark: typeof(OrthogonalInputs)) with
        {
            Model = Tiny.Component("linear", typeof(LinearModel)),
            Strategies = [Tiny.Component("strategy", strategy, new MinimumNormOptions())],
        };
        using var run = Tiny.Run(spec);
        using var trainer = new Trainer(run);
        var epochs = new List<EpochRecord>();
        trainer.Train(epochs.Add, default);
        return epochs;
    }

    public sealed class OrthogonalInputs : IBenchmark
    {
        public IReadOnlyList<LearningTask> Tasks { get; } = [new Classification("a", 3), new Classification("b", 4), new Classification("c", 2)];

        public IReadOnlyList<InputInfo> Inputs { get; } = [InputInfo.Vector(8)];

        public BenchmarkData Load(DataContext context) => new(Split(), Split(), Split(), "89ab");

        private TensorSplit Split()
        {
            using var generator = new Generator(3);
            var (orthogonal, _) = linalg.qr(randn([8, 8], generator: generator));
            return new TensorSplit("vector", orthogonal, [.. Tasks.Select(task => randint(0, task.Info.Outputs, [8], generator: generator).to(ScalarType.Int64))]);
        }
    }

    public sealed class LinearModel : TrunkAndHeads
    {
        public override Trunk Trunk(IReadOnlyList<InputInfo> inputs) => new LinearTrunk();

        public override Head Head(Trunk trunk, TaskInfo task) => new LinearHead(task.Outputs);
    }

    private sealed class LinearTrunk : Trunk
    {
        private readonly Linear _layer = nn.Linear(8, 8, hasBias: false);

        public LinearTrunk()
            : base("linear") => RegisterComponents();

        public override IReadOnlyList<FeatureTap> Taps { get; } = [new("z", [8], Suggested: true)];

        public override IReadOnlyList<Parameter> LastSharedLayer => [_layer.weight];

        public override Features forward(NetworkInputs inputs)
        {
            var z = _layer.forward(inputs.Single);
            return new Features(z, new Dictionary<string, Tensor> { ["z"] = z });
        }
    }

    private sealed class LinearHead : Head
    {
        private readonly Linear _layer;

        public LinearHead(int outputs)
            : base("linear-head")
        {
            _layer = nn.Linear(8, outputs);
            RegisterComponents();
        }

        public override Tensor forward(Features features) => _layer.forward(features.Representation!);
    }
}
