using System.Diagnostics;
using KdMtlBench.Host.Benchmarks;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Training;
using MathNet.Numerics.Statistics;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance;

/// <summary>A median over rounds with its spread.</summary>
internal sealed record Spread(double Median, double Least, double Most)
{
    public static Spread Of(IReadOnlyList<double> values) => new(values.Median(), values.Min(), values.Max());
}

/// <summary>What a step of one strategy takes.</summary>
/// <param name="Strategy">As the leaderboard calls it; <c>floor</c> for <see cref="Floor"/>.</param>
/// <param name="Milliseconds">Of a step.</param>
/// <param name="ToUniform">Ratio to <c>uniform</c> in the same round; null where the sweep has none.</param>
/// <param name="ToFloor">Ratio to the floor in the same round.</param>
internal sealed record StepTime(string Strategy, Spread Milliseconds, Spread? ToUniform, Spread ToFloor);

/// <summary>Times the steps of several strategies on the same network, data and batches, in turns.</summary>
/// <remarks>A machine's speed drifts. Within a round all strategies are timed shortly after one another, ratios are taken
/// within rounds, and their median and range over the rounds are reported.</remarks>
internal static class StepTimes
{
    private const int WarmUpSteps = 5;

    /// <param name="runs">Of one benchmark and model.</param>
    /// <param name="benchmark">Theirs.</param>
    /// <param name="data">Loaded, on <paramref name="device"/>.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="rounds">How often every strategy has its turn.</param>
    /// <param name="steps">Steps in a turn; their median counts.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public static IReadOnlyList<StepTime> Measure(
        IReadOnlyList<RunSpec> runs, IBenchmark benchmark, BenchmarkData data, Device device, int rounds, int steps, CancellationToken cancellation)
    {
        set_num_threads(runs[0].Training.Threads);
        using var scope = NewDisposeScope();
        var floor = new Component(new CatalogEntry("floor", "", "", typeof(Floor)), null, "floor", new Dictionary<string, string>(StringComparer.Ordinal));
        var subjects = runs.Prepend(runs[0] with { Strategies = [floor] }).Select(run => new Subject(run, benchmark, data, device)).ToList();
        try
        {
            foreach (var subject in subjects)
                subject.Time(WarmUpSteps);
            for (var round = 0; round < rounds; round++)
                foreach (var subject in subjects)
                {
                    cancellation.ThrowIfCancellationRequested();
                    subject.Medians.Add(subject.Time(steps));
                }

            var uniform = subjects.Find(subject => subject.Label == "uniform");
            return [.. subjects.Select(subject => new StepTime(
                subject.Label,
                Spread.Of(subject.Medians),
                uniform is null ? null : Ratio(subject, uniform),
                Ratio(subject, subjects[0])))];
        }
        finally
        {
            subjects.ForEach(subject => subject.Dispose());
        }
    }

    private static Spread Ratio(Subject subject, Subject to) => Spread.Of([.. subject.Medians.Zip(to.Medians, (a, b) => a / b)]);

    /// <summary>A run in the middle of its training.</summary>
    private sealed class Subject : IDisposable
    {
        private readonly Teachers? _teachers;
        private readonly RunContext _run;
        private readonly Trainer _trainer;
        private int _step;

        public Subject(RunSpec spec, IBenchmark benchmark, BenchmarkData data, Device device)
        {
            Label = spec.StrategyLabel;
            _teachers = Teachers.NeededBy(spec) ? Teachers.Untrained(spec, benchmark, device) : null;
            _run = new RunContext(spec, benchmark, data, device) { Teachers = _teachers };
            _run.Attach();
            _trainer = new Trainer(_run);
            _run.Network.TrainMode(true);
            _run.Strategy.StartEpoch([]);
        }

        public string Label { get; }

        /// <summary>Milliseconds a step, one a round.</summary>
        public List<double> Medians { get; } = [];

        /// <summary>Makes steps; their median in milliseconds.</summary>
        public double Time(int steps)
        {
            using var scope = NewDisposeScope();
            var order = tensor(Randomness.Permutation((int)_run.Data.Train.Count, Randomness.Source(_run.Spec.Seed, "order"))).to(_run.Device);
            var milliseconds = new List<double>();
            var watch = new Stopwatch();
            for (var i = 0; i < steps; i++, _step++)
            {
                var place = _step % _run.StepsPerEpoch;
                watch.Restart();
                using (NewDisposeScope())
                    _trainer.TrainStep(_step / _run.StepsPerEpoch, place, order.narrow(0, (long)place * _run.BatchSize, _run.BatchSize));
                if (_run.Device.type == TorchSharp.DeviceType.CUDA)
                    cuda.synchronize();
                milliseconds.Add(watch.Elapsed.TotalMilliseconds);
            }

            return milliseconds.Median();
        }

        public void Dispose()
        {
            _trainer.Dispose();
            _run.Dispose();
            _teachers?.Dispose();
        }
    }
}
