using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using TorchSharp.Modules;

namespace KdMtlBench.Tests.Support;

/// <summary>A benchmark of three losses whose gradients are known: Lᵢ = ½ cᵢ ‖θ + hᵢ − aᵢ‖² + bᵢ with a shared vector θ and a head hᵢ
/// of each task, all of which start at 0. Trained by the host itself, in float64, by plain gradient descent.</summary>
internal static class Quadratics
{
    public const double LearningRate = 0.02;
    public const int StepsPerEpoch = 2;

    public static readonly double[] Curvatures = [1, 0.3, 2];
    public static readonly double[][] Minima = [[1, -1, 0.5], [-2, 0.4, 1], [0.3, 0.8, -0.6]];
    public static readonly double[] Offsets = [0.5, 0.2, 1.5];

    /// <summary>A run of some strategies.</summary>
    public static RunContext Run(int epochs, params Component[] strategies)
    {
        var training = new TrainingOptions
        {
            Epochs = epochs, BatchSize = 1, LearningRate = LearningRate, Optimizer = Optimizer.Sgd, Momentum = 0, Precision = Precision.Fp64, Selection = Selection.Last,
        };
        var spec = new RunSpec(Tiny.Component("quadratics", typeof(Benchmark)), Tiny.Component("vectors", typeof(Model)), training, new Dictionary<string, string>(), strategies, null, 1);
        var benchmark = new Benchmark();
        var run = new RunContext(spec, benchmark, benchmark.Load(new DataContext(null, CPU, default)), CPU);
        run.InitialiseStrategies();
        return run;
    }

    /// <summary>[values] θ, then each head's vector.</summary>
    public static double[][] Vectors(RunContext run) =>
        [.. run.SharedParameters.Concat(run.Network.TaskParameters).Select(vector => vector.detach().data<double>().ToArray())];

    public sealed class Benchmark : IBenchmark
    {
        public IReadOnlyList<LearningTask> Tasks { get; } = [.. Curvatures.Select((_, i) => new Quadratic(i))];

        public IReadOnlyList<InputInfo> Inputs { get; } = [InputInfo.Vector(3)];

        public BenchmarkData Load(DataContext context) => new(Split(StepsPerEpoch), Split(1), Split(1), "");

        private static TensorSplit Split(int count) => new("vector", zeros(count, 3), [.. Curvatures.Select(_ => zeros(count))]);
    }

    private sealed class Quadratic(int index) : LearningTask($"task-{index}", TaskKind.Regression, 3)
    {
        public override IReadOnlyList<Metric> Metrics { get; } = [new("loss", "", HigherIsBetter: false)];

        public override Tensor Loss(Tensor prediction, Tensor target) =>
            0.5 * Curvatures[index] * (prediction - tensor(Minima[index])).square().sum() + Offsets[index];

        public override Tensor SoftLoss(Tensor prediction, Tensor target, Tensor soft) => throw new NotSupportedException();

        public override Measurement Measure(Device device) => new Constant();
    }

    private sealed class Constant : Measurement
    {
        public override void Add(Tensor prediction, Tensor target)
        {
        }

        public override IReadOnlyList<double> Values() => [1];

        protected override void Dispose(bool disposing)
        {
        }
    }

    public sealed class Model : TrunkAndHeads
    {
        public override Trunk Trunk(IReadOnlyList<InputInfo> inputs) => new Shared();

        public override Head Head(Trunk trunk, TaskInfo task) => new Own();

        private sealed class Shared : Trunk
        {
            private readonly Parameter theta = new(zeros(3));

            public Shared()
                : base("shared") => RegisterComponents();

            public override IReadOnlyList<FeatureTap> Taps { get; } = [new FeatureTap("theta", [3], Suggested: true)];

            public override IReadOnlyList<Parameter> LastSharedLayer => [theta];

            public override Features forward(NetworkInputs inputs)
            {
                var point = inputs.Single + theta;
                return new Features(point, new Dictionary<string, Tensor> { ["theta"] = point });
            }
        }

        private sealed class Own : Head
        {
            private readonly Parameter vector = new(zeros(3));

            public Own()
                : base("own") => RegisterComponents();

            public override Tensor forward(Features features) => features.Representation! + vector;
        }
    }
}
