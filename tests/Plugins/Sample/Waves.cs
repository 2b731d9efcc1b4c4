// A benchmark outside the host: this folder's two files and the usings of plugins/Directory.Build.props are all of it.
namespace KdMtlBench.Samples;

/// <summary>Two waves over the plane, each to be learnt from points with some noise: same frequency, different direction.</summary>
[Benchmark("waves", Title = "Two waves over the plane", Paper = "a sample plugin")]
public sealed class Waves(WavesOptions options) : IBenchmark
{
    public IReadOnlyList<LearningTask> Tasks { get; } = [new Height("across"), new Height("along")];

    public IReadOnlyList<InputInfo> Inputs { get; } = [InputInfo.Vector(2)];

    public BenchmarkData Load(DataContext context)
    {
        return new BenchmarkData(Points(1, 256), Points(2, 64), Points(3, 64), $"waves 1 noise={options.Noise}");

        TensorSplit Points(ulong seed, int count)
        {
            using var generator = new Generator(seed);
            var points = rand([count, 2], generator: generator) * 2 - 1;
            return new TensorSplit("vector", points.to(context.Device), [Wave(0), Wave(1)]);

            Tensor Wave(int axis) => ((3 * points.select(1, axis)).sin().unsqueeze(1)
                + options.Noise * randn([count, 1], generator: generator)).to(context.Device);
        }
    }
}

public sealed record WavesOptions
{
    [Description("standard deviation of what is added to the heights"), Range(0.0, 1.0)]
    public double Noise { get; init; } = 0.05;
}

/// <summary>One number a point, [batch, 1], learnt and scored by its squared error.</summary>
public sealed class Height(string id) : LearningTask(id, TaskKind.Regression, outputs: 1)
{
    public override IReadOnlyList<Metric> Metrics { get; } = [new("squared-error", "", HigherIsBetter: false)];

    public override Tensor Loss(Tensor prediction, Tensor target) => (prediction - target).square().mean();

    public override Tensor SoftLoss(Tensor prediction, Tensor target, Tensor soft) => Loss(prediction, soft);

    public override Measurement Measure(Device device) => new SquaredError(device);

    private sealed class SquaredError(Device device) : Measurement
    {
        private readonly Tensor _sum = zeros(1, ScalarType.Float64, device).DetachFromDisposeScope();
        private long _count;

        public override void Add(Tensor prediction, Tensor target)
        {
            using var scope = NewDisposeScope();
            _sum.add_((prediction - target).square().sum().to(ScalarType.Float64));
            _count += target.numel();
        }

        public override IReadOnlyList<double> Values() => [_sum.item<double>() / _count];

        protected override void Dispose(bool disposing) => _sum.Dispose();
    }
}
