using System.Globalization;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Training;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance.Peers;

/// <summary>What both sides train: results/quick's setting at another width, the same first weights and batches here and in a PyTorch process.</summary>
internal sealed class PeerSetting : IDisposable
{
    /// <summary>Steps whose losses are compared.</summary>
    public const int ComparedSteps = 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("kdmtl-peers-").FullName;

    private static readonly double[] _staticWeights = [0.5, 1, 4];

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

    /// <summary>The most that a task's loss here is off that in PyTorch, of the first <see cref="ComparedSteps"/> steps, both in float64.</summary>
    /// <remarks>Not in float32: Adam's first steps follow the sign of each gradient, so that where one is nearly zero the last bit
    /// of a sum decides, and losses that agree to the bit at the first step are 0.01 apart after five.</remarks>
    public double LossDifference(RunSpec spec)
    {
        set_num_threads(spec.Training.Threads);
        using var scope = NewDisposeScope();
        using var run = new TimedRun(spec with { Training = spec.Training with { Precision = Precision.Fp64 } }, Benchmark, Data, Device);
        var pairs = run.Losses(ComparedSteps).Zip(Peer.Losses(spec.Strategies[0].Entry.Id, ComparedSteps));
        return pairs.SelectMany(step => step.First.Zip(step.Second, (here, there) => Math.Abs(here - there))).Max();
    }

    public void Dispose()
    {
        Peer?.Dispose();
        Data?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Sweep(PeerQuestion question, IEnumerable<string> strategies) => string.Create(CultureInfo.InvariantCulture, $$"""
        benchmark:
          scenes: {height: 32, width: 48, train: {{16 * ComparedSteps}}, validation: 16, test: 16}
        model:
          segnet: {width: {{question.Width}}, stages: 3}
        training: {epochs: 1, batch-size: 16, learning-rate: {{question.LearningRate}}, threads: {{question.Threads}}}
        seeds: [1]
        strategies: [{{string.Join(", ", strategies.Select(id => id == "static" ? $"static: {{weights: [{StaticWeights}]}}" : id))}}]
        """);

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

    /// <summary>Writes what the PyTorch side needs: first weights, the batches of the first steps, PCGrad's orders.</summary>
    private void Export(string path)
    {
        using var scope = NewDisposeScope();
        var spec = Runs[0];
        using var run = new TimedRun(spec, Benchmark, Data, Device);
        var batches = Enumerable.Range(0, ComparedSteps).Select(run.BatchOf).ToList();
        var tasks = Benchmark.Tasks.Count;
        long[] orders = [.. Enumerable.Range(0, ComparedSteps).SelectMany(step => Orders(spec.Seed, step, tasks))];
        TensorFile.Write(
            path,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["tasks"] = string.Join(',', Benchmark.Tasks.Select(task => task.Id)),
                ["static-weights"] = StaticWeights.Replace(" ", "", StringComparison.Ordinal),
                ["learning-rate"] = spec.Training.LearningRate.ToString("R", CultureInfo.InvariantCulture),
            },
            [
                .. run.NamedTensors,
                ("inputs", stack(batches.Select(batch => batch.Inputs))),
                .. Enumerable.Range(0, tasks).Select(task => ($"targets.{task}", stack(batches.Select(batch => batch.Targets[task])))),
                ("orders", tensor(orders).view(ComparedSteps, tasks, tasks - 1)),
            ]);
    }

    /// <summary>The others in the order in which PCGrad meets them, for each task: drawn as the strategy draws them.</summary>
    private static IEnumerable<long> Orders(int seed, int step, int tasks)
    {
        var random = Randomness.Source(seed, "step", step);
        foreach (var task in Enumerable.Range(0, tasks))
        {
            int[] others = [.. Enumerable.Range(0, tasks).Where(other => other != task)];
            random.Shuffle(others);
            foreach (var other in others)
                yield return other;
        }
    }
}
