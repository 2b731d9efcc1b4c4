using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Workers;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Runs what a sweep asks for and is not there yet, in processes of their own.</summary>
/// <param name="settings">How many, where and how.</param>
public sealed class SweepRunner(WorkerSettings settings)
{
    /// <exception cref="InputException">Nothing has been started.</exception>
    /// <exception cref="StorageException">Records cannot be written: the sweep has stopped.</exception>
    public SweepOutcome Run(Sweep sweep, ISweepObserver observer, CancellationToken cancellation)
    {
        observer = new OneAtATime(observer);
        var (whole, round) = (sweep, 0);
        for (var tried = new List<IReadOnlyList<string>>(); Tuner.IsOpen(sweep); Tuner.Write(sweep, tried))
        {
            var trials = Make(whole, Tuner.Trials(sweep), round++, observer, cancellation);
            if (trials.Interrupted)
            {
                UnfinishedMark.Set(sweep.Folder, runs: null, Provenance.SameCommand);
                return new SweepOutcome([], Interrupted: true);
            }

            tried.AddRange(Tuner.Report(sweep, trials.Records, observer));
            sweep = Tuner.Choose(sweep, trials.Records);
        }

        return Make(whole, sweep, round, observer, cancellation);
    }

    private SweepOutcome Make(Sweep whole, Sweep part, int round, ISweepObserver observer, CancellationToken cancellation)
    {
        using var supervisor = new Supervisor(part, new SweepPart(whole, round), settings, observer, cancellation);
        supervisor.Make();
        var store = new RunStore(part.Folder);
        var asked = supervisor.Asked;
        var records = asked.Select(run => RunStore.RecordIn(store.Folder(run.Id))).OfType<RunRecord>().ToList();
        if (records.Count == asked.Count)
            Finish(part, asked);
        foreach (var record in settings.Fresh ? records.Where(record => record.Status == RunStatus.Done) : [])
            new RunPool(part.Folder).Drop(RunHash.Of(record));
        return new SweepOutcome(records, Interrupted: records.Count < asked.Count);
    }

    /// <summary>Seeds that rounds of another margin have made are kept, out of the leaderboard.</summary>
    private static void Finish(Sweep sweep, IReadOnlyList<RunSpec> asked)
    {
        UnfinishedMark.Remove(sweep.Folder);
        if (asked.Count == sweep.Runs.Count)
            return;
        using var folder = SweepLock.Take(sweep.Folder, _ => { }, TimeSpan.FromMinutes(1));
        foreach (var id in sweep.Runs.Select(run => run.Id).Except(asked.Select(run => run.Id)).Intersect(new RunStore(sweep.Folder).Ids()))
            new RunPool(sweep.Folder).Put(id);
    }
}
