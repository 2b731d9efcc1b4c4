using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Checks;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Checkpoints;
using KdMtlBench.Host.Training.Distillation;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Makes a plan; times and sizes come from a few steps of a run of each kind.</summary>
internal sealed class SweepPlanner(SweepSettings settings, LoadedBenchmarks benchmarks, RunStore store)
{
    private const int WarmUpSteps = 1;
    private const int TimedSteps = 3;

    /// <summary>Evaluation is a forward pass, which takes about a third of a step.</summary>
    private const double ForwardShare = 1.0 / 3;

    private const long RecordBytes = 4096;
    private const long CurveValueBytes = 20;

    public SweepPlan Plan(Sweep sweep, IReadOnlyList<RunRecord> kept, CancellationToken cancellation)
    {
        var pending = InOrder([.. sweep.Runs.Where(run => kept.All(record => record.Id != run.Id))]);
        var kinds = pending.DistinctBy(Kind).ToDictionary(Kind, run => Measure(run, cancellation));
        var places = pending.Select((run, i) => (run.Id, Place: i + 1)).ToDictionary(pair => pair.Id, pair => pair.Place, StringComparer.Ordinal);
        var runs = pending.Select(run =>
        {
            var behind = settings.Fresh ? 0 : new CheckpointFolder(store.CheckpointFolder(run.Id), "").Epochs.FirstOrDefault();
            var teachers = benchmarks.TeachersOf(run).Where(teacher => places.ContainsKey(teacher.Id)).Select(teacher => places[teacher.Id]);
            var kind = kinds[Kind(run)];
            return new PlannedRun(run, [.. teachers], behind, kind.Time(run.Training.Epochs - behind), kind.Trouble);
        }).ToList();
        var teaching = sweep.Runs.Any(Teachers.NeededBy);
        var staying = pending.Sum(run => RecordBytes + CurveBytes(run) + (teaching && run.SingleTask is not null ? kinds[Kind(run)].NetworkBytes : 0));
        var largest = kinds.Count == 0 ? 0 : kinds.Values.Max(kind => kind.NetworkBytes);
        return new SweepPlan(runs, kept.Count, settings.Parallel, staying, CheckpointBytes(largest) * settings.Parallel);
    }

    /// <summary>The order in which one worker would make them.</summary>
    private List<RunSpec> InOrder(IReadOnlyList<RunSpec> pending)
    {
        var queue = new RunQueue(pending, run => benchmarks.TeachersOf(run).Select(teacher => teacher.Id));
        var ordered = new List<RunSpec>();
        while (queue.Take() is { } run)
        {
            ordered.Add(run);
            queue.Finish(run);
        }

        return ordered;
    }

    private static (string Benchmark, string Model, string Strategy, string? Task) Kind(RunSpec run) =>
        (run.Benchmark.Label, run.Model.Label, run.StrategyLabel, run.SingleTask);

    private Measured Measure(RunSpec run, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        set_num_threads(run.Training.Threads);
        using var scope = NewDisposeScope();
        var (benchmark, data) = benchmarks.Of(run);
        try
        {
            using var timed = new TimedRun(run, benchmark, data, settings.Device);
            timed.Time(WarmUpSteps);
            var step = timed.Time(TimedSteps);
            var images = (double)data.Validation.Count / Math.Min(run.Training.BatchSize, data.Train.Count);
            return new Measured(step * (timed.StepsPerEpoch + images * ForwardShare), timed.NetworkBytes);
        }
#pragma warning disable CA1031 // a plugin may throw anything, and would fail its run alone
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new Measured(0, 0, RunExecutor.Reason(e));
        }
    }

    private long CurveBytes(RunSpec run)
    {
        var tasks = benchmarks.Of(run).Benchmark.Tasks.Where(task => run.SingleTask is null || task.Id == run.SingleTask);
        return run.Training.Epochs * CurveValueBytes * tasks.Sum(task => 3L + task.Metrics.Count);
    }

    /// <summary>Two of them, each with the network, two moments and the best epoch's network.</summary>
    private static long CheckpointBytes(long networkBytes) => 2 * 4 * networkBytes;

    private sealed record Measured(double EpochMilliseconds, long NetworkBytes, string? Trouble = null)
    {
        public TimeSpan Time(int epochs) => TimeSpan.FromMilliseconds(EpochMilliseconds * epochs);
    }
}
