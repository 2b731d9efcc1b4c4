using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Checks;
using KdMtlBench.Host.Sweeps.TensorBoard;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Runs what a sweep asks for and is not there yet.</summary>
public sealed class SweepRunner(SweepSettings settings)
{
    /// <summary>Checks everything that can be checked, loads the data, then makes the runs.</summary>
    /// <exception cref="InputException">Nothing has been started.</exception>
    /// <exception cref="StorageException">Records cannot be written: the sweep has stopped.</exception>
    public SweepOutcome Run(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        observer = new OneAtATime(observer);
        Check(sweep);
        var tried = new List<IReadOnlyList<string>>();
        for (; Tuner.IsOpen(sweep); Tuner.Write(sweep, tried))
        {
            var trials = Make(Tuner.Trials(sweep), observer, cancellation);
            if (trials.Interrupted)
            {
                UnfinishedMark.Set(sweep.Folder, runs: null, Provenance.SameCommand);
                return new SweepOutcome([], Interrupted: true);
            }

            tried.AddRange(Tuner.Report(sweep, trials.Records, observer));
            sweep = Tuner.Choose(sweep, trials.Records);
        }

        return Make(sweep, observer, cancellation);
    }

    private SweepOutcome Make(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        using var folder = SweepLock.Take(sweep.Folder, observer.Message);
        var benchmarks = Load(sweep, observer, cancellation);
        var store = new RunStore(sweep.Folder);
        if (settings.TensorBoard)
            observer = new EventFiles(sweep.Runs, store, observer);
        var teachers = new TeacherStore(sweep.Folder);
        var finished = new FinishedRuns(sweep, settings, benchmarks, store, teachers);
        var kept = finished.Settle(finished.Find(), observer);
        if (sweep.Text.Length > 0)
            AtomicFile.Write(Path.Combine(sweep.Folder, SweepFolders.AsRun), sweep.Text);
        UnfinishedMark.Set(sweep.Folder, sweep.Runs.Count, Provenance.SameCommand);
        var pending = sweep.Runs.Where(run => kept.All(record => record.Id != run.Id)).ToList();
        observer.Started(pending, kept);
        var pictured = sweep.Runs.Min(run => run.Seed);
        var executor = new RunExecutor(store, teachers, settings.Device, settings.Parallel, keepTeachers: sweep.RunsFollow || sweep.Runs.Any(Teachers.NeededBy), resume: !settings.Fresh)
        {
            Conflict = settings.Conflict,
            KeepsPictures = run => run.Seed == pictured,
        };
        var queue = new RunQueue(pending, run => benchmarks.TeachersOf(run).Select(teacher => teacher.Id));
        using var workers = new RunWorkers(queue, executor, benchmarks, observer, settings.StepLimit, cancellation);
        var made = workers.Make(settings.Parallel);
        if (!workers.SomeHang)
            benchmarks.Dispose();
        if (made.Count == pending.Count)
            UnfinishedMark.Remove(sweep.Folder);
        var order = sweep.Runs.Select((run, i) => (run.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i, StringComparer.Ordinal);
        return new SweepOutcome([.. kept.Concat(made).OrderBy(record => order[record.Id])], Interrupted: made.Count < pending.Count);
    }

    /// <summary>Finds out what <see cref="Run"/> would do, and does none of it.</summary>
    /// <exception cref="InputException">Nothing could be started.</exception>
    /// <returns>One plan; where trials come first, one of each round of them before it, and the settings that they are to choose stand open.</returns>
    public IReadOnlyList<SweepPlan> Plan(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        Check(sweep);
        return [.. Rounds(sweep, trials => new RunStore(trials.Folder).ReadAll().Records).Select(round => PlanOf(round, observer, cancellation))];
    }

    /// <summary>The trials that come first, round by round, and the sweep that follows.</summary>
    private static IEnumerable<Sweep> Rounds(Sweep sweep, Func<Sweep, IReadOnlyList<RunRecord>> records)
    {
        while (Tuner.IsOpen(sweep))
        {
            var trials = Tuner.Trials(sweep);
            yield return trials;
            sweep = Tuner.Choose(sweep, records(trials));
        }

        yield return sweep;
    }

    private SweepPlan PlanOf(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        using var benchmarks = Load(sweep, observer, cancellation);
        var store = new RunStore(sweep.Folder);
        var standing = new FinishedRuns(sweep, settings, benchmarks, store, new TeacherStore(sweep.Folder)).Find();
        return new SweepPlanner(settings, benchmarks, store).Plan(sweep, standing.Records, cancellation);
    }

    private static void Check(Sweep sweep)
    {
        foreach (var part in Rounds(sweep, _ => []))
        {
            SweepChecks.Strategies(part);
            SweepChecks.BenchmarksAndModels(part);
        }
    }

    private LoadedBenchmarks Load(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        var benchmarks = new LoadedBenchmarks();
        benchmarks.Load(sweep, new DataContext(settings.DataRoot, settings.Device, cancellation), observer);
        SweepChecks.Requirements(sweep, benchmarks, settings.Device);
        SweepChecks.Initialisation(sweep, benchmarks, settings.StepLimit);
        return benchmarks;
    }
}
