using System.Globalization;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Training;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance.Peers;

/// <summary>One strategy here and in PyTorch.</summary>
/// <param name="Strategy">Its label.</param>
/// <param name="LossDifference">Of the task whose loss differs most, over the compared steps.</param>
/// <param name="Here">Milliseconds a step, in float32.</param>
/// <param name="Bf16">Milliseconds a step with <see cref="Precision.Bf16"/>.</param>
/// <param name="PyTorch">In PyTorch's default layout.</param>
/// <param name="ChannelsLast">In PyTorch's other layout.</param>
/// <param name="Ratio">Here to PyTorch, within rounds.</param>
/// <param name="ChannelsLastRatio">Here to PyTorch channels-last, within rounds.</param>
/// <param name="Bf16Ratio">Here with bf16 to PyTorch, within rounds.</param>
internal sealed record PeerTime(
    string Strategy, Spread LossDifference, Spread Here, Spread Bf16, Spread PyTorch, Spread ChannelsLast, Spread Ratio, Spread ChannelsLastRatio, Spread Bf16Ratio);

/// <summary>Gives PyTorch the same network and batches, compares the losses, then times both in turns.</summary>
/// <remarks>A step here also makes its batch from the stored bytes; PyTorch has its batches ready.</remarks>
internal static class PeerTimes
{
    /// <summary>Steps whose losses are compared.</summary>
    public const int ComparedSteps = 20;

    private const string Default = "default";
    private const string ChannelsLast = "channels-last";
    private const int WarmUpSteps = 5;

    /// <summary>Writes what the PyTorch side needs: first weights, the batches of the first steps, PCGrad's orders.</summary>
    public static void Export(string path, RunSpec spec, IBenchmark benchmark, BenchmarkData data)
    {
        using var scope = NewDisposeScope();
        using var run = new TimedRun(spec, benchmark, data, CPU);
        var batches = Enumerable.Range(0, ComparedSteps).Select(run.BatchOf).ToList();
        var tasks = benchmark.Tasks.Count;
        long[] orders = [.. Enumerable.Range(0, ComparedSteps).SelectMany(step => Orders(spec.Seed, step, tasks))];
        TensorFile.Write(
            path,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["tasks"] = string.Join(',', benchmark.Tasks.Select(task => task.Id)),
                ["learning-rate"] = spec.Training.LearningRate.ToString("R", CultureInfo.InvariantCulture),
            },
            [
                .. run.NamedTensors,
                ("inputs", stack(batches.Select(batch => batch.Inputs))),
                .. Enumerable.Range(0, tasks).Select(task => ($"targets.{task}", stack(batches.Select(batch => batch.Targets[task])))),
                ("orders", tensor(orders).view(ComparedSteps, tasks, tasks - 1)),
            ]);
    }

    /// <param name="runs">One a strategy; of one benchmark and model.</param>
    /// <param name="benchmark">Theirs.</param>
    /// <param name="data">Loaded, on <paramref name="device"/>.</param>
    /// <param name="device">Where both train.</param>
    /// <param name="peer">Works on what <see cref="Export"/> wrote.</param>
    /// <param name="rounds">How often everyone has a turn.</param>
    /// <param name="steps">Steps in a turn; their median counts.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public static IReadOnlyList<PeerTime> Measure(
        IReadOnlyList<RunSpec> runs, IBenchmark benchmark, BenchmarkData data, Device device, PeerProcess peer, int rounds, int steps, CancellationToken cancellation)
    {
        set_num_threads(runs[0].Training.Threads);
        using var scope = NewDisposeScope();
        return [.. runs.Select(spec =>
        {
            var id = spec.Strategies[0].Entry.Id;
            var difference = Difference(Losses(spec, benchmark, data, device), peer.Losses(id, ChannelsLast, ComparedSteps));
            using var here = new TimedRun(spec, benchmark, data, device);
            using var half = new TimedRun(spec with { Training = spec.Training with { Precision = Precision.Bf16 } }, benchmark, data, device);
            var times = new Func<int, double>[] { here.Time, n => peer.Time(id, Default, n), n => peer.Time(id, ChannelsLast, n), half.Time };
            foreach (var time in times)
                time(WarmUpSteps);
            var medians = Enumerable.Range(0, rounds).Select(_ => times.Select(time =>
            {
                cancellation.ThrowIfCancellationRequested();
                return time(steps);
            }).ToArray()).ToList();
            return new PeerTime(spec.StrategyLabel, difference, Of(m => m[0]), Of(m => m[3]), Of(m => m[1]), Of(m => m[2]), Of(m => m[0] / m[1]), Of(m => m[0] / m[2]), Of(m => m[3] / m[1]));

            Spread Of(Func<double[], double> value) => Spread.Of([.. medians.Select(value)]);
        })];
    }

    private static IReadOnlyList<IReadOnlyList<double>> Losses(RunSpec spec, IBenchmark benchmark, BenchmarkData data, Device device)
    {
        using var run = new TimedRun(spec, benchmark, data, device);
        return run.Losses(ComparedSteps);
    }

    private static Spread Difference(IReadOnlyList<IReadOnlyList<double>> a, IReadOnlyList<IReadOnlyList<double>> b) =>
        Spread.Of([.. a.Zip(b, (step, other) => step.Zip(other, (x, y) => Math.Abs(x - y)).Max())]);

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
