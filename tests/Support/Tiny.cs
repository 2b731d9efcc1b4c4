using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Host.Components;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Networks;
using TorchSharp;
using TorchSharp.Modules;

namespace KdMtlBench.Tests.Support;

/// <summary>The smallest real run: three dense tasks on random 8×8 images, one convolution with batch norm, milliseconds.</summary>
internal static class Tiny
{
    public static TrainingOptions Training { get; } = new() { Epochs = 3, BatchSize = 4, LearningRate = 0.01 };

    public static RunSpec Spec(int seed = 1, Type? strategy = null, string? singleTask = null, TrainingOptions? training = null, Type? benchmark = null) => new(
        Component("tiny", benchmark ?? typeof(TinyBenchmark)),
        Component("tiny-net", typeof(TinyModel)),
        training ?? Training,
        new Dictionary<string, string>(),
        singleTask is null ? [Component(strategy?.Name ?? "sum", strategy ?? typeof(Sum))] : [],
        singleTask,
        seed);

    public static RunContext Run(RunSpec? spec = null, Teachers? teachers = null)
    {
        spec ??= Spec();
        var benchmark = spec.Benchmark.CreateBenchmark();
        var run = new RunContext(spec, benchmark, benchmark.Load(new DataContext(null, CPU, default)), CPU) { Teachers = teachers };
        run.InitialiseStrategies();
        return run;
    }

    /// <summary>Ready for the first step of the first epoch.</summary>
    public static Trainer Begin(RunContext run)
    {
        var trainer = new Trainer(run);
        run.Network.TrainMode(true);
        trainer.StartEpoch(0);
        return trainer;
    }

    /// <summary>A network of one task that nothing has trained; its trunk is that of every run of the seed.</summary>
    public static Network SingleTaskNetwork(LearningTask task, int seed = 1) => Network.Create(new TinyModel(), [InputInfo.Image(3, 8, 8)], [task.Info], seed, CPU);

    public static Teachers Teachers(int seed = 1, bool trainMode = false) =>
        new([.. new TinyBenchmark().Tasks.Select(task => SingleTaskNetwork(task, seed))], trainMode, trainSeconds: 3);

    /// <summary>The plugins' strategies, as they were built.</summary>
    public static Catalog Plugins { get; } = PluginCatalog.Load([Repository.Plugins]).Strategies;

    /// <summary>One of these with its default options; where an option must be given, with one entry for each of some tasks.</summary>
    public static Component Plugin(string id, params int[] tasks)
    {
        var entry = Plugins.Find(id)!;
        var options = entry.OptionsType is null ? null : Activator.CreateInstance(entry.OptionsType);
        foreach (var property in entry.OptionsType?.GetProperties() ?? [])
            if (property.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "RequiredMemberAttribute"))
                property.SetValue(options, tasks.Select(task => new[] { 1, 2, 0.5 }[task]).ToArray());
        return new Component(entry, options, id, new Dictionary<string, string>());
    }

    /// <summary>A plugin's class with its options, as a sweep would bind it.</summary>
    public static Component Strategy<T>(object options) => Component(typeof(T).Name.ToLowerInvariant(), typeof(T), options);

    public static Component Component(string id, Type type, object? options = null) => new(new CatalogEntry(id, id, "", type), options, id, new Dictionary<string, string>());

    public sealed class Sum : LossWeighting
    {
        protected override Tensor Weights(ITrainingStep step, Tensor losses) => ones_like(losses);
    }
}

/// <summary>Random images and targets; some void places in each target.</summary>
public class TinyBenchmark : IBenchmark
{
    public IReadOnlyList<LearningTask> Tasks { get; } = [new Segmentation("segmentation", 3), new Depth("depth"), new SurfaceNormals("normals")];

    public IReadOnlyList<InputInfo> Inputs { get; } = [InputInfo.Image(3, 8, 8)];

    public virtual BenchmarkData Load(DataContext context) => new(Split(1, 17), Split(2, 6), Split(3, 7), "0123");

    protected static TensorSplit Split(int seed, int count)
    {
        using var generator = new Generator((ulong)seed);
        var images = randint(0, 255, [count, 3, 8, 8], generator: generator).to(ScalarType.Byte);
        var labels = randint(-1, 3, [count, 8, 8], generator: generator).to(ScalarType.Int8);
        var depth = rand([count, 1, 8, 8], generator: generator);
        var normals = nn.functional.normalize(randn([count, 3, 8, 8], generator: generator), 2, 1);
        return new TensorSplit("image", images, [labels, depth, normals]);
    }
}

/// <summary>The same with images of its own for every task.</summary>
public sealed class TinyOwnImages : TinyBenchmark
{
    public override BenchmarkData Load(DataContext context) => new(OwnImages(1, 17), OwnImages(4, 6), OwnImages(7, 7), "4567");

    private static ManyInputs OwnImages(int seed, int count) => new([Split(seed, count), Split(seed + 1, count), Split(seed + 2, count)]);

    private sealed class ManyInputs(IReadOnlyList<TensorSplit> parts) : Split
    {
        public override long Count => parts[0].Count;

        public override Batch Take(Samples samples)
        {
            var batches = parts.Select(part => part.Take(samples)).ToList();
            var count = (long)samples.Count;
            return new Batch(
                "image",
                cat([.. batches.Select(batch => batch.Inputs["image"])]),
                [.. batches.Select((batch, task) => batch.Targets[task])],
                [.. batches.Select((_, task) => (task * count, count))]);
        }

        protected override void Dispose(bool disposing)
        {
            foreach (var part in parts)
                part.Dispose();
        }
    }
}

public class TinyModel : TrunkAndHeads
{
    protected virtual bool HasBatchNorm => true;

    public override Trunk Trunk(IReadOnlyList<InputInfo> inputs) => new TinyTrunk(HasBatchNorm);

    public override Head Head(Trunk trunk, TaskInfo task) => new TinyHead(task.Outputs);

    private sealed class TinyTrunk : Trunk
    {
        private readonly Sequential _first;
        private readonly Conv2d _last = nn.Conv2d(5, 4, 3, padding: 1);

        public TinyTrunk(bool hasBatchNorm)
            : base("tiny")
        {
            _first = nn.Sequential(nn.Conv2d(3, 5, 3, padding: 1), hasBatchNorm ? nn.BatchNorm2d(5) : nn.Identity(), nn.Tanh());
            RegisterComponents();
        }

        public override IReadOnlyList<FeatureTap> Taps { get; } = [new("first", [5, 8, 8], Suggested: false), new("last", [4, 8, 8], Suggested: true)];

        public override IReadOnlyList<Parameter> LastSharedLayer => [_last.weight, _last.bias!];

        public override Features forward(NetworkInputs inputs)
        {
            var first = _first.call(ChannelsLast.Of(inputs.Single));
            var last = _last.call(first);
            return new Features(last, new Dictionary<string, Tensor> { ["first"] = first, ["last"] = last });
        }
    }

    private sealed class TinyHead : Head
    {
        private readonly Conv2d _layer;

        public TinyHead(int outputs)
            : base("tiny-head")
        {
            _layer = nn.Conv2d(4, outputs, 1);
            RegisterComponents();
        }

        public override Tensor forward(Features features) => _layer.call(features.Representation!);
    }
}

/// <summary>The same without batch norm: no sample's features depend on the others'.</summary>
public sealed class TinyPlainModel : TinyModel
{
    protected override bool HasBatchNorm => false;
}
