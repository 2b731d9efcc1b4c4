using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Storage.Sharing;
using KdMtlBench.Host.Sweeps.Checks;
using KdMtlBench.Host.Sweeps.TensorBoard;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Makes runs of a sweep in this process, whoever else is at them.</summary>
/// <param name="settings">How.</param>
/// <param name="share">This process's part.</param>
internal sealed class SweepWorker(SweepSettings settings, Share share)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <summary>Told of each run's record as it would be if this process ended.</summary>
    public Action<RunRecord> Beginning { get; init; } = _ => { };

    /// <summary>Loads the data, then makes the runs that nobody else makes, until there is none left to begin.</summary>
    /// <exception cref="InputException">Nothing has been started.</exception>
    /// <exception cref="StorageException">Records cannot be written: the sweep has stopped.</exception>
    public void Make(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        var benchmarks = Load(sweep, share.Joins ? new Unheard(observer) : observer, cancellation);
        var store = new RunStore(sweep.Folder);
        var teachers = new TeacherStore(sweep.Folder);
        if (settings.TensorBoard)
            observer = new EventFiles(sweep.Runs, store, observer);
        var claims = new ClaimFolder(sweep.Folder, share.Silence);
        var kept = Enter(sweep, new FinishedRuns(sweep, settings, benchmarks, store, teachers), claims, observer);
        var pending = sweep.Runs.Where(run => share.Asked?.Contains(run.Id) != false && kept.All(record => record.Id != run.Id)).ToList();
        observer.Started(pending, kept);
        var shared = new SharedRuns(claims, store, share);
        var pictured = sweep.Runs.Min(run => run.Seed);
        var executor = new RunExecutor(store, teachers, settings.Device, settings.Parallel, keepTeachers: sweep.RunsFollow || sweep.Runs.Any(Teachers.NeededBy), resume: true)
        {
            Conflict = settings.Conflict,
            KeepsPictures = run => run.Seed == pictured,
            IsMine = shared.IsMine,
            Beside = settings.Workers,
        };
        var mine = pending.Where(run => share.Given.Contains(run.Id)).Concat(share.GivenOnly ? [] : pending.Where(run => !share.Given.Contains(run.Id)));
        var queue = new RunQueue([.. mine], run => benchmarks.TeachersOf(run).Select(teacher => teacher.Id), shared);
        using var workers = new RunWorkers(queue, executor, benchmarks, observer, settings.StepLimit, cancellation) { Beginning = Beginning };
        workers.Make(settings.Parallel);
        if (!workers.SomeHang)
            benchmarks.Dispose();
    }

    /// <summary>Begins the sweep in its folder, or goes in with those who have.</summary>
    /// <returns>The runs that are over.</returns>
    private IReadOnlyList<RunRecord> Enter(Sweep sweep, FinishedRuns finished, ClaimFolder claims, ISweepObserver observer)
    {
        if (share.Joins && claims.Session is not null)
            return Join(sweep, finished, claims, there: null);
        using var folder = SweepLock.Take(sweep.Folder, observer.Message, _patience);
        var others = claims.Signs().Select(sign => sign.Holder).Where(holder => holder.Token != share.Holder.Token).ToList();
        if (others.Find(holder => !claims.IsDead(holder.Token)) is { } there)
        {
            var over = Join(sweep, finished, claims, there);
            observer.Message($"{there} is at this sweep as well: the work is shared");
            claims.Tell(new SignOfLife(share.Holder, []));
            return over;
        }

        foreach (var holder in others)
            observer.Message($"{sweep.Folder} is taken over from {holder}, which ended without letting go of it");
        var kept = finished.Settle(finished.Find(), observer);
        if (sweep.Text.Length > 0)
            AtomicFile.Write(Path.Combine(sweep.Folder, SweepFolders.AsRun), sweep.Text);
        UnfinishedMark.Set(sweep.Folder, share.Asked?.Count ?? sweep.Runs.Count, Provenance.SameCommand);
        claims.Open(new Session(finished.Plan, sweep.Runs.Count - kept.Count));
        claims.Tell(new SignOfLife(share.Holder, []));
        return kept;
    }

    private IReadOnlyList<RunRecord> Join(Sweep sweep, FinishedRuns finished, ClaimFolder claims, Holder? there)
    {
        if (claims.Session?.Plan != finished.Plan)
            throw new InputException($"{sweep.Folder} is in use by {there?.ToString() ?? "another process"}, for other runs, or with other code, data or another device; wait for it to end, or stop it");
        if (there is not null && settings.Fresh)
            throw new InputException($"{sweep.Folder} is in use by {there}; --fresh would take away what it has made. Leave it out to share the work, or wait for it to end, or stop it");
        var store = new RunStore(sweep.Folder);
        return [.. sweep.Runs.Select(run => RunStore.RecordIn(store.Folder(run.Id))).OfType<RunRecord>()];
    }

    private LoadedBenchmarks Load(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        var benchmarks = new LoadedBenchmarks();
        benchmarks.Load(sweep, new DataContext(settings.DataRoot, settings.Device, cancellation), observer);
        if (share.Joins)
            return benchmarks;
        SweepChecks.Requirements(sweep, benchmarks, settings.Device);
        if (!share.SkipsTrial)
            SweepChecks.Initialisation(sweep, benchmarks, settings.StepLimit);
        return benchmarks;
    }
}
