using System.Collections.Concurrent;
using KdMtlBench.Host.Benchmarks;
using KdMtlBench.Host.Results;
using KdMtlBench.Host.Sweeps;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>Makes one run from its spec to its record; whatever goes wrong in it stays in it.</summary>
/// <param name="store">Where records go.</param>
/// <param name="teachers">Where single-task networks go and teachers come from.</param>
/// <param name="device">Where networks and data are.</param>
/// <param name="parallel">Runs at once.</param>
/// <param name="keepTeachers">False where no run of the sweep learns from its single-task networks: they are not kept then.</param>
internal sealed class RunExecutor(RunStore store, TeacherStore teachers, Device device, int parallel, bool keepTeachers)
{
    private readonly ConcurrentDictionary<string, string> _failures = new(StringComparer.Ordinal);

    /// <summary>Trains, scores and writes the records.</summary>
    /// <exception cref="OperationCanceledException">Ctrl-C; no record is left.</exception>
    public RunRecord Execute(RunSpec spec, IBenchmark benchmark, BenchmarkData data, Action<EpochRecord> epochDone, CancellationToken cancellation)
    {
        set_num_threads(spec.Training.Threads);
        if (parallel == 1)
            PeakMemory.Reset();
        var record = new RunRecord
        {
            Id = spec.Id,
            SpecSha256 = spec.Sha256,
            Benchmark = spec.Benchmark.Label,
            Model = spec.Model.Label,
            Strategy = spec.StrategyLabel,
            SingleTask = spec.SingleTask,
            Seed = spec.Seed,
            Status = RunStatus.Failed,
            Settings = spec.Settings,
            Provenance = Provenance.Of(spec, data.Sha256, device, parallel),
            Metrics = [.. from task in benchmark.Tasks
                          where spec.SingleTask is null || task.Id == spec.SingleTask
                          from metric in task.Metrics
                          where metric.Scored
                          select new TaskMetric(task.Id, metric)],
            Cost = new RunCost(),
        };
        Trainer? trainer = null;
        try
        {
            // Nothing outside a scope: native code works on raw handles, and the collector may finalise a temporary under it.
            using var scope = NewDisposeScope();
            using var mine = Teachers.NeededBy(spec) ? LoadTeachers(spec, benchmark, data) : null;
            using var run = new RunContext(spec, benchmark, data, device) { Teachers = mine };
            run.Attach();
            using (trainer = new Trainer(run))
            {
                var epochs = new List<EpochRecord>();
                var result = trainer.Train(
                    epoch =>
                    {
                        epochs.Add(epoch);
                        store.WriteCurve(spec.Id, epochs);
                        epochDone(epoch);
                    },
                    cancellation);
                if (keepTeachers && spec.SingleTask is not null)
                    teachers.Save(spec, TeacherStore.Identity(spec, data.Sha256, device), run.Network, result.Cost.TrainSeconds);
                record = record with
                {
                    Status = RunStatus.Done,
                    SelectedEpoch = result.SelectedEpoch,
                    Validation = result.Validation,
                    Test = result.Test,
                    Cost = result.Cost with { TeacherSeconds = mine?.TrainSeconds ?? 0 },
                };
            }
        }
        catch (OperationCanceledException)
        {
            throw;
        }
#pragma warning disable CA1031 // a plugin may throw anything; it must not take the other runs with it
        catch (Exception e)
#pragma warning restore CA1031
        {
            var reason = e is DivergedException or InputException ? e.Message : $"{e.GetType().Name}: {e.Message.Split('\n')[0]}";
            record = record with
            {
                Failure = trainer is { StepIndex: >= 0 } ? $"{reason} (at step {trainer.StepIndex})" : reason,
                Cost = record.Cost with { SolverFailures = trainer?.SolverFailures ?? 0 },
            };
        }

        if (record.Failure is not null)
            _failures[spec.Id] = record.Failure;
        record = record with { Cost = record.Cost with { PeakMebibytes = PeakMemory.Mebibytes() } };
        store.Write(record);
        return record;
    }

    private Teachers LoadTeachers(RunSpec spec, IBenchmark benchmark, BenchmarkData data)
    {
        foreach (var baseline in Teachers.RunsFor(spec, benchmark))
            if (_failures.TryGetValue(baseline.Id, out var reason))
                throw new InputException($"its teacher of `{baseline.SingleTask}`, the run {baseline.Id}, failed: {reason}");
        return Teachers.Load(spec, benchmark, teachers, data.Sha256, device);
    }
}
