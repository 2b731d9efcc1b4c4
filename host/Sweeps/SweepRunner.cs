using KdMtlBench.Host.Benchmarks;
using KdMtlBench.Host.Results;
using KdMtlBench.Host.Training;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Sweeps;

/// <summary>How a sweep is run; nothing here changes a result.</summary>
/// <param name="DataRoot">Folder of data sets, or null.</param>
/// <param name="Device">Where networks and data are.</param>
/// <param name="Parallel">Runs at once.</param>
/// <param name="Fresh">Run again what is finished already.</param>
public sealed record SweepSettings(string? DataRoot, Device Device, int Parallel, bool Fresh)
{
    /// <summary>A run that is silent for longer hangs and is given up.</summary>
    public TimeSpan StepLimit { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>Told what happens in a sweep; one call at a time.</summary>
public interface ISweepObserver
{
    /// <summary>Before the first run.</summary>
    /// <param name="pending">To be run, in order.</param>
    /// <param name="kept">Finished earlier with the same settings and code.</param>
    void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept);

    void RunStarted(RunSpec run);

    /// <summary>A run goes on from a checkpoint.</summary>
    /// <param name="run">The run.</param>
    /// <param name="epochs">That it has behind it.</param>
    void Resumed(RunSpec run, int epochs);

    void EpochDone(RunSpec run, EpochRecord epoch);

    void RunFinished(RunSpec run, RunRecord record);

    void Message(string text);
}

/// <summary>What a sweep left.</summary>
/// <param name="Records">Of every run that has one, kept and new.</param>
/// <param name="Interrupted">Ctrl-C came before the end.</param>
public sealed record SweepOutcome(IReadOnlyList<RunRecord> Records, bool Interrupted)
{
    /// <summary>0 done, 1 some runs failed, 130 interrupted.</summary>
    public int ExitCode => Interrupted ? 130 : Records.Any(record => record.Status == RunStatus.Failed) ? 1 : 0;
}

/// <summary>Runs what a sweep asks for and is not there yet.</summary>
public sealed class SweepRunner(SweepSettings settings)
{
    /// <summary>Checks everything that can be checked, loads the data, then makes the runs.</summary>
    /// <exception cref="InputException">Nothing has been started.</exception>
    /// <exception cref="StorageException">Records cannot be written: the sweep has stopped.</exception>
    public SweepOutcome Run(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        observer = new OneAtATime(observer);
        SweepChecks.Strategies(sweep);
        SweepChecks.Models(sweep);
        using var folder = SweepLock.Take(sweep.Folder, observer.Message);
        var benchmarks = new LoadedBenchmarks();
        benchmarks.Load(sweep, new DataContext(settings.DataRoot, settings.Device, cancellation), observer);
        SweepChecks.Attachment(sweep, benchmarks, settings.StepLimit);

        var store = new RunStore(sweep.Folder);
        var teachers = new TeacherStore(sweep.Folder);
        var kept = new FinishedRuns(sweep, settings, benchmarks, store, teachers, observer).Keep();
        foreach (var record in kept)
            store.DeleteCheckpoints(record.Id); // a process that was killed may have left them
        var pending = sweep.Runs.Where(run => kept.All(record => record.Id != run.Id)).ToList();
        observer.Started(pending, kept);
        var executor = new RunExecutor(store, teachers, settings.Device, settings.Parallel, keepTeachers: sweep.Runs.Any(Teachers.NeededBy), resume: !settings.Fresh);
        var queue = new RunQueue(pending, run => benchmarks.TeachersOf(run).Select(teacher => teacher.Id));
        using var workers = new RunWorkers(queue, executor, benchmarks, observer, settings.StepLimit, cancellation);
        var made = workers.Make(settings.Parallel);
        if (!workers.SomeHang)
            benchmarks.Dispose();
        var order = sweep.Runs.Select((run, i) => (run.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i, StringComparer.Ordinal);
        return new SweepOutcome([.. kept.Concat(made).OrderBy(record => order[record.Id])], Interrupted: made.Count < pending.Count);
    }
}
