using KdMtlBench.Host.Components;
using KdMtlBench.Host.Runs;
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
        var subjects = runs.Prepend(runs[0] with { Strategies = [floor] }).Select(run => new TimedRun(run, benchmark, data, device)).ToList();
        var medians = subjects.ToDictionary(subject => subject, _ => new List<double>());
        try
        {
            foreach (var subject in subjects)
                subject.Time(WarmUpSteps);
            for (var round = 0; round < rounds; round++)
                foreach (var subject in subjects)
                {
                    cancellation.ThrowIfCancellationRequested();
                    medians[subject].Add(subject.Time(steps));
                }

            var uniform = subjects.Find(subject => subject.Label == "uniform");
            return [.. subjects.Select(subject => new StepTime(
                subject.Label,
                Spread.Of(medians[subject]),
                uniform is null ? null : Ratio(medians[subject], medians[uniform]),
                Ratio(medians[subject], medians[subjects[0]])))];
        }
        finally
        {
            subjects.ForEach(subject => subject.Dispose());
        }
    }

    private static Spread Ratio(IEnumerable<double> medians, IEnumerable<double> to) => Spread.Of([.. medians.Zip(to, (a, b) => a / b)]);
}
