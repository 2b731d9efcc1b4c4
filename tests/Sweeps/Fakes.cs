using System.ComponentModel.DataAnnotations;
using KdMtlBench.Host.Components;

namespace KdMtlBench.Tests.Sweeps;

/// <summary>Catalogs of types that bind like the real ones and do nothing.</summary>
internal static class Fakes
{
    public static Catalog Strategies { get; } = new("strategy", [
        Entry("uniform", typeof(Uniform)), Entry("static", typeof(Static)), Entry("dwa", typeof(Dwa)),
        Entry("kd-adaptor", typeof(KdAdaptor)), Entry("pc-grad", typeof(PcGrad))]);

    public static Catalog Benchmarks { get; } = new("benchmark", [Entry("scenes", typeof(Scenes)), Entry("digits", typeof(Digits)), Entry("toy", typeof(Toy))]);

    public static Catalog Models { get; } = new("model", [Entry("segnet", typeof(SegNet)), Entry("point", typeof(Point))]);

    private static CatalogEntry Entry(string id, Type type) => new(id, id, "", type);

    /// <summary>Binds like a strategy, and weighs nothing.</summary>
    public abstract class FakeWeighting : LossWeighting
    {
        protected override Tensor Weights(ITrainingStep step, Tensor losses) => throw new NotSupportedException();
    }

    public sealed class Uniform : FakeWeighting;

    public sealed record StaticOptions
    {
        [PerTask, Range(0, 1e6)]
        public required IReadOnlyList<double> Weights { get; init; }
    }

    public sealed class Static(StaticOptions options) : FakeWeighting
    {
        public StaticOptions Options => options;
    }

    public sealed record DwaOptions
    {
        [Range(1e-3, 1e6)]
        public double Temperature { get; init; } = 2;
    }

    public sealed class Dwa(DwaOptions options) : FakeWeighting
    {
        public DwaOptions Options => options;
    }

    public enum Adaptor
    {
        Linear,
        NonLinear,
    }

    public sealed record KdAdaptorOptions
    {
        public Adaptor Adaptor { get; init; }

        public double? LearningRate { get; init; }

        public IReadOnlyList<string> Taps { get; init; } = [];
    }

    public sealed class KdAdaptor(KdAdaptorOptions options) : FakeWeighting
    {
        public override StrategyRequirements Requirements => StrategyRequirements.Teachers;

        public KdAdaptorOptions Options => options;
    }

    public sealed class PcGrad : GradientStrategy
    {
        public override void Combine(ITrainingStep step, TaskGradients gradients) => throw new NotSupportedException();
    }

    public sealed record ScenesOptions
    {
        [Range(16, 512)]
        public int Width { get; init; } = 128;
    }

    public sealed class Scenes : FakeBenchmark
    {
        public Scenes(ScenesOptions options)
            : base(new FakeTask("segmentation", TaskKind.Classification), new FakeTask("depth", TaskKind.Regression), new FakeTask("normals", TaskKind.Directions))
        {
            if (options.Width % 16 != 0)
                throw new InputException($"a width of {options.Width} is no multiple of 16");
        }
    }

    public sealed class Digits() : FakeBenchmark(new FakeTask("left", TaskKind.Classification), new FakeTask("right", TaskKind.Classification));

    public sealed class Toy() : FakeBenchmark(new FakeTask("first", TaskKind.Objective), new FakeTask("second", TaskKind.Objective));

    public abstract class FakeBenchmark(params LearningTask[] tasks) : IBenchmark
    {
        public IReadOnlyList<LearningTask> Tasks => tasks;

        public IReadOnlyList<InputInfo> Inputs => throw new NotSupportedException();

        public BenchmarkData Load(DataContext context) => throw new NotSupportedException();
    }

    public sealed class FakeTask(string id, TaskKind kind) : LearningTask(id, kind, 1)
    {
        public override IReadOnlyList<Metric> Metrics { get; } = [Metric.Error("error")];

        public override Tensor Loss(Tensor prediction, Tensor target) => throw new NotSupportedException();

        public override Tensor SoftLoss(Tensor prediction, Tensor target, Tensor soft) => throw new NotSupportedException();

        public override Measurement Measure(Device device) => throw new NotSupportedException();
    }

    public sealed record SegNetOptions
    {
        [Range(0.01, 4)]
        public double Width { get; init; } = 1;
    }

    public sealed class SegNet(SegNetOptions options)
    {
        public SegNetOptions Options => options;
    }

    public sealed class Point;
}
