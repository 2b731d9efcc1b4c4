using System.Globalization;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Reading;
using KdMtlBench.Host.Training.Distillation;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance.Peers;

/// <summary>What both sides train: results/quick's setting at another width, the same first weights and batches here and in a PyTorch process.</summary>
internal sealed class PeerSetting : IDisposable
{
    /// <summary>Steps whose losses are compared.</summary>
    public const int ComparedSteps = 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("kdmtl-peers-").FullName;

    private static readonly double[] _staticWeights = [0.5, 1, 4];

    /// <summary>By its own 0.1, a last bit grows a hundredfold a step.</summary>
    private const double AdaptorLearningRate = 0.0001;

    /// <param name="reader">Of sweeps.</param>
    /// <param name="question">Width, threads, device and Python.</param>
    /// <param name="strategies">Their ids.</param>
    /// <param name="script">peer.py.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public PeerSetting(SweepReader reader, PeerQuestion question, IReadOnlyList<string> strategies, string script,
        CancellationToken cancellation)
    {
        try
        {
            using var scope = NewDisposeScope();
            Device = question.Device;
            var sweepFile = Path.Combine(_folder, "sweep.yaml");
            File.WriteAllText(sweepFile, Sweep(question, strategies));
            Runs = [.. reader.Read(sweepFile).Runs.Where(run => run.SingleTask is null)];
            Benchmark = Runs[0].Benchmark.CreateBenchmark();
            var exchange = Path.Combine(_folder, "peers.safetensors");
            Data = Benchmark.Load(new DataContext(null, Device, cancellation));
            Export(exchange);
            Peer = new PeerProcess(question.Python, script, exchange, question.Threads, Device, question.Tf32);
            AllowTf32(Device, question.Tf32);
            Title = $"{Runs[0].Benchmark.Label} · {Runs[0].Model.Label} · batch {Runs[0].Training.BatchSize} · {question.Threads} threads"
                + $" · {Device}{(question.Tf32 ? " · float32 as TF32" : "")} · {Peer.Version}";
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>One a strategy, in their order.</summary>
    public IReadOnlyList<RunSpec> Runs { get; }

    public IBenchmark Benchmark { get; }

    /// <summary>On <see cref="Device"/>.</summary>
    public BenchmarkData Data { get; }

    public Device Device { get; }

    public PeerProcess Peer { get; }

    /// <summary>Benchmark, model, threads and versions.</summary>
    public string Title { get; }

    /// <summary>[steps][tasks] losses of the first <see cref="ComparedSteps"/> steps here, in float64.</summary>
    /// <remarks>Not in float32: Adam's first steps follow the sign of each gradient, so that where one is nearly zero the last bit
    /// of a sum decides, and losses that agree to the bit at the first step are 0.01 apart after five.</remarks>
    public IReadOnlyList<IReadOnlyList<double>> Losses(RunSpec spec)
    {
        set_num_threads(spec.Training.Threads);
        using var scope = NewDisposeScope();
        using var run = new ComparedRun(InFull(spec), Benchmark, Data, Device);
        return run.Losses();
    }

    /// <summary>The most that a task's loss is off that of the same step in PyTorch.</summary>
    public double Difference(RunSpec spec, IReadOnlyList<IReadOnlyList<double>> losses) =>
        Difference(losses, Peer.Losses(spec.Strategies[0].Entry.Id, ComparedSteps));

    /// <summary>The most that a task's loss is off that of the same step of another run; NaN where one is.</summary>
    public static double Difference(IReadOnlyList<IReadOnlyList<double>> first, IReadOnlyList<IReadOnlyList<double>> second)
    {
        if (first.Count != ComparedSteps || second.Count != ComparedSteps)
            throw new InvalidOperationException($"{ComparedSteps} steps were to be compared: here are {first.Count} and {second.Count}");
        return first.Zip(second).SelectMany(step => step.First.Zip(step.Second, (a, b) => Math.Abs(a - b))).Aggregate(0.0, Math.Max);
    }

    public void Dispose()
    {
        Peer?.Dispose();
        Data?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Sweep(PeerQuestion question, IEnumerable<string> strategies) => string.Create(CultureInfo.InvariantCulture, $$"""
        benchmark:
          scenes: {height: 32, width: 48, train: {{16 * ComparedSteps / question.Epochs}}, validation: 16, test: 16}
        model:
          segnet: {width: {{question.Width}}, stages: 3}
        training: {epochs: {{question.Epochs}}, batch-size: 16, learning-rate: {{question.LearningRate}}, threads: {{question.Threads}}}
        seeds: [1]
        strategies: [{{string.Join(", ", strategies.Select(Options))}}]
        """);

    /// <summary>A strategy with those options that are not left as they are.</summary>
    private static string Options(string id) => id switch
    {
        "static" => $"static: {{weights: [{StaticWeights}]}}",
        "kd-adaptor" => string.Create(CultureInfo.InvariantCulture, $"kd-adaptor: {{learning-rate: {AdaptorLearningRate}}}"),
        _ => id,
    };

    private static string StaticWeights => string.Join(", ", _staticWeights.Select(weight =>
        weight.ToString(CultureInfo.InvariantCulture)));

    /// <summary>libtorch, and so PyTorch, takes TF32 for convolutions and not for matrices unless it is told; here both do alike.</summary>
    private static void AllowTf32(Device device, bool allow)
    {
        if (device.type != TorchSharp.DeviceType.CUDA)
            return;
        backends.cuda.matmul.allow_tf32 = allow;
        backends.cudnn.allow_tf32 = allow;
    }

    private static RunSpec InFull(RunSpec spec) => spec with { Training = spec.Training with { Precision = Precision.Fp64 } };

    /// <summary>Writes what the PyTorch side needs: first weights, the batches of the first steps, and what the strategies draw.</summary>
    private void Export(string path)
    {
        using var scope = NewDisposeScope();
        var spec = Runs[0];
        using var run = new ComparedRun(spec, Benchmark, Data, Device);
        TensorFile.Write(
            path,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["tasks"] = string.Join(',', Benchmark.Tasks.Select(task => task.Id)),
                ["static-weights"] = StaticWeights.Replace(" ", "", StringComparison.Ordinal),
                ["learning-rate"] = spec.Training.LearningRate.ToString("R", CultureInfo.InvariantCulture),
                ["adaptor-learning-rate"] = AdaptorLearningRate.ToString("R", CultureInfo.InvariantCulture),
                ["steps"] = ComparedSteps.ToString(CultureInfo.InvariantCulture),
                ["steps-per-epoch"] = run.StepsPerEpoch.ToString(CultureInfo.InvariantCulture),
            },
            [
                .. run.Values,
                .. Batches("batches", run.BatchOf),
                ("orders", PeerDraws.Orders(spec.Seed, ComparedSteps, Benchmark.Tasks.Count)),
                ("pairs", PeerDraws.Pairs(spec.Seed, ComparedSteps, Benchmark.Tasks.Count)),
                .. NeededBy(["graddrop"], () => [("uniform", PeerDraws.Uniform(spec.Seed, ComparedSteps, run.RepresentationLength, Device))]),
                .. NeededBy(["auto-lambda", "modo", "sdmgrad"], () => Samples(0)),
                .. NeededBy(["modo", "sdmgrad"], () => Samples(1)),
                .. Runs.Where(Teachers.NeededBy).SelectMany(Taught).DistinctBy(tensor => tensor.Name),
            ]);

        IEnumerable<(string, Tensor)> Samples(int sample) => Batches($"samples.{sample}", step => run.SampleOf(step, sample));
    }

    /// <summary>What only some strategies need.</summary>
    private IEnumerable<(string, Tensor)> NeededBy(string[] strategies, Func<IEnumerable<(string, Tensor)>> tensors) =>
        Runs.Any(run => strategies.Contains(run.Strategies[0].Entry.Id)) ? tensors() : [];

    private IEnumerable<(string, Tensor)> Batches(string name, Func<int, Batch> batchOf)
    {
        var batches = Enumerable.Range(0, ComparedSteps).Select(batchOf).ToList();
        return [
            ($"{name}.inputs", stack(batches.Select(batch => batch.Inputs.Values.Single()))),
            .. Benchmark.Tasks.Select((_, task) => ($"{name}.targets.{task}", stack(batches.Select(batch => batch.Targets[task])))),
        ];
    }

    /// <summary>First values of a strategy's teachers, and of what it lays between them and the network.</summary>
    private IEnumerable<(string Name, Tensor Values)> Taught(RunSpec spec)
    {
        using var run = new ComparedRun(spec, Benchmark, Data, Device);
        foreach (var (name, values) in run.TeacherValues)
            yield return (name, values.clone());
        foreach (var (i, values) in run.OwnValues.Index())
            yield return ($"{spec.Strategies[0].Entry.Id}.own.{i}", values.clone());
    }
}
