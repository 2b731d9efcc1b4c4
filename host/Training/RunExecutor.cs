using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training.Checkpoints;
using KdMtlBench.Host.Training.Distillation;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>Makes one run from its spec to its record; whatever goes wrong in it stays in it.</summary>
/// <param name="store">Where records go.</param>
/// <param name="teachers">Where single-task networks go and teachers come from.</param>
/// <param name="device">Where networks and data are.</param>
/// <param name="parallel">Runs at once.</param>
/// <param name="keepTeachers">False where no run of the sweep learns from its single-task networks: they are not kept then.</param>
/// <param name="resume">Whether a run that an earlier process began goes on where that one was.</param>
internal sealed class RunExecutor(RunStore store, TeacherStore teachers, Device device, int parallel, bool keepTeachers, bool resume)
{
    /// <summary>Whether the tasks' gradients are looked at after every epoch.</summary>
    public bool Conflict { get; init; }

    /// <summary>The runs that keep pictures for the report.</summary>
    public Func<RunSpec, bool> KeepsPictures { get; init; } = _ => false;

    /// <summary>Processes on this machine that make as many runs at once.</summary>
    public int Beside { get; init; } = 1;

    /// <summary>Whether a run is still this process's to make; another one may have taken it over from a process that stood still.</summary>
    public Func<string, bool> IsMine { get; init; } = _ => true;

    /// <summary>Trains, scores and writes the records.</summary>
    /// <exception cref="OperationCanceledException">Ctrl-C; no record is left.</exception>
    /// <exception cref="RunLostException">It is another process's now; no record is left.</exception>
    public RunRecord Execute(RunSpec spec, IBenchmark benchmark, BenchmarkData data, ISweepObserver observer, Heartbeat heartbeat)
    {
        set_num_threads(spec.Training.Threads);
        if (parallel == 1)
            PeakMemory.Reset();
        var record = Unfinished(spec, benchmark, data);
        var identity = TeacherStore.Identity(spec, data.Sha256, device);
        var checkpoints = new CheckpointFolder(store.CheckpointFolder(spec.Id), identity);
        if (!resume)
            store.DeleteCheckpoints(spec.Id);
        Trainer? trainer = null;
        try
        {
            // Nothing outside a scope: native code works on raw handles, and the collector may finalise a temporary under it.
            using var scope = NewDisposeScope();
            using var mine = Teachers.NeededBy(spec) ? LoadTeachers(spec, benchmark, data) : null;
            using var run = new RunContext(spec, benchmark, data, device) { Teachers = mine };
            run.InitialiseStrategies();
            using (trainer = new Trainer(run))
            {
                Resume(trainer, spec, checkpoints, observer);
                var probe = Conflict && run.Tasks.Count > 1 ? new ConflictProbe(run) : null;
                var conflict = store.ReadConflict(spec.Id).Where(epoch => epoch.Epoch <= trainer.Curve.Count).ToList();
                var told = trainer.Curve.Count;
                var result = StopAtAStep(spec.Id, trainer, () => told, checkpoints, heartbeat, () => trainer.Train(
                    epoch =>
                    {
                        if (heartbeat.IsGivenUp)
                            heartbeat.Beat();
                        RequireMine(spec.Id);
                        store.WriteCurve(spec.Id, trainer.Curve);
                        if (probe is not null)
                        {
                            run.FirstUse.Of("conflict", run.BatchSize, heartbeat, () => conflict.Add(new ConflictRecord(epoch.Epoch, probe.Cosines())));
                            store.WriteConflict(spec.Id, conflict);
                        }

                        checkpoints.SaveWhenDue(trainer.Checkpoint);
                        observer.EpochDone(spec, epoch);
                        told = epoch.Epoch;
                        heartbeat.Beat();
                    },
                    heartbeat));
                store.WriteConfusions(spec.Id, trainer.Confusions);
                if (KeepsPictures(spec))
                    run.FirstUse.Of("pictures", TestPictures.Count, heartbeat, () => TestPictures.Write(store.PicturesPath(spec.Id), run));
                if (keepTeachers && spec.SingleTask is not null)
                    teachers.Save(spec, identity, run.Network, result.Cost.TrainSeconds);
                record = record with
                {
                    Status = RunStatus.Done,
                    SelectedEpoch = result.SelectedEpoch,
                    Validation = result.Validation,
                    TrainLosses = trainer.Curve[^1].TrainLosses,
                    Test = result.Test,
                    SolverFailures = trainer.SolverFailures.Records,
                    AtChance = Chance.TasksAt(trainer.Confusions),
                    Cost = result.Cost with { TeacherSeconds = mine?.TrainSeconds ?? 0 },
                };
            }
        }
        catch (OperationCanceledException) when (heartbeat.Stopped.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is StorageException or RunLostException)
        {
            throw;
        }
#pragma warning disable CA1031 // a plugin may throw anything; it must not take the other runs with it
        catch (Exception e)
#pragma warning restore CA1031
        {
            var reason = Reason(e);
            store.WriteFailure(spec.Id, $"{e}\n");
            record = record with
            {
                Failure = trainer is { StepIndex: >= 0 } && e is not DivergedException { NamesStep: true } ? $"{reason} (at step {trainer.StepIndex})" : reason,
                Cost = record.Cost with { SolverFailures = trainer?.SolverFailures.Count ?? 0 },
                SolverFailures = trainer?.SolverFailures.Records ?? [],
            };
        }

        heartbeat.Beat(); // a run that was given up meanwhile has its record
        return Keep(record with { Cost = record.Cost with { PeakMebibytes = PeakMemory.Mebibytes() } });
    }

    /// <summary>Writes the record of a run whose thread does not come back.</summary>
    public RunRecord GiveUp(RunSpec spec, IBenchmark benchmark, BenchmarkData data, string reason) =>
        Keep(Unfinished(spec, benchmark, data) with { Failure = reason });

    private RunRecord Keep(RunRecord record)
    {
        RequireMine(record.Id);
        store.MarkMadeHere(record.Id); // first: other processes take the run for over once it has its record
        store.Write(record);
        if (record.Status == RunStatus.Done)
        {
            store.DeleteCheckpoints(record.Id);
            store.DeleteFailure(record.Id);
        }

        return record;
    }

    /// <summary>Where the sweep is stopped, the run is kept as it is, for whoever goes on; but not where files of the last epoch are still to be written.</summary>
    private TrainingResult StopAtAStep(string id, Trainer trainer, Func<int> epochsTold, CheckpointFolder checkpoints, Heartbeat heartbeat, Func<TrainingResult> train)
    {
        try
        {
            return train();
        }
        catch (OperationCanceledException) when (heartbeat is { Stopped.IsCancellationRequested: true, IsGivenUp: false } && trainer.StepIndex >= 0 && trainer.Curve.Count == epochsTold())
        {
            RequireMine(id);
            checkpoints.Save(trainer.Checkpoint);
            throw;
        }
    }

    private void RequireMine(string id)
    {
        if (!IsMine(id))
            throw new RunLostException(id);
    }

    /// <summary>One sentence of what went wrong.</summary>
    public static string Reason(Exception e)
    {
        var message = e.Message.Split('\n')[0];
        return e switch
        {
            DivergedException or InputException => e.Message,
            OutOfMemoryException => $"out of memory: {message}",
            _ when message.Contains("can't allocate memory", StringComparison.Ordinal) || message.Contains("out of memory", StringComparison.Ordinal) => $"out of memory: {message}",
            _ => $"{e.GetType().Name}: {message}{(IsFreedTensor(e) ? "; a tensor that is kept in a field is freed when the step ends: register it with AddBuffer" : "")}",
        };
    }

    /// <summary>How TorchSharp answers the use of a tensor that has been disposed.</summary>
    private static bool IsFreedTensor(Exception e) =>
        e is ObjectDisposedException || e.Message.Contains("Tensor invalid -- empty handle", StringComparison.Ordinal);

    /// <summary>The record of a run that has not come to its end.</summary>
    public RunRecord Unfinished(RunSpec spec, IBenchmark benchmark, BenchmarkData data) => new()
    {
        Id = spec.Id,
        SpecSha256 = spec.Sha256,
        Benchmark = spec.Benchmark.Label,
        SingleTaskBenchmark = spec.Benchmark.BenchmarkHostOptions.Tasks is null ? null : spec.Benchmark.AllTasksLabel,
        Model = spec.Model.Label,
        Strategy = spec.StrategyLabel,
        SingleTask = spec.SingleTask,
        Seed = spec.Seed,
        Status = RunStatus.Failed,
        Settings = spec.Settings,
        Provenance = Provenance.Of(spec, data.Sha256, device, parallel * Beside),
        Metrics = [.. from task in benchmark.Tasks
                      where spec.SingleTask is null || task.Id == spec.SingleTask
                      from metric in task.Metrics
                      where metric.Scored
                      select new TaskMetric(task.Id, metric)],
        Cost = new RunCost(),
    };

    private void Resume(Trainer trainer, RunSpec spec, CheckpointFolder checkpoints, ISweepObserver observer)
    {
        checkpoints.Restore(trainer.Checkpoint, observer.Message);
        if (trainer.EpochsDone == 0)
            return;
        store.WriteCurve(spec.Id, trainer.Curve); // an earlier process may have been an epoch ahead of its checkpoint
        observer.Resumed(spec, trainer.EpochsDone);
    }

    private Teachers LoadTeachers(RunSpec spec, IBenchmark benchmark, BenchmarkData data)
    {
        var validation = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var baseline in Teachers.RunsFor(spec, benchmark))
        {
            var record = RunStore.RecordIn(store.Folder(baseline.Id));
            if (record is { Failure: { } reason })
                throw new InputException($"its teacher of `{baseline.SingleTask}`, the run {baseline.Id}, failed: {reason}");
            foreach (var (metric, value) in record?.Validation ?? new Dictionary<string, double>())
                validation[metric] = value;
        }

        return Teachers.Load(spec, benchmark, TrainingProgress.MetricValues(benchmark.Tasks, validation), teachers, data.Sha256, device);
    }
}
