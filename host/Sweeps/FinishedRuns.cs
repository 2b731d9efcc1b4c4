using System.Security.Cryptography;
using System.Text;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Checks;
using KdMtlBench.Host.Training.Distillation;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Finds which runs of a sweep need not be made.</summary>
internal sealed class FinishedRuns
{
    private readonly Sweep _sweep;
    private readonly bool _fresh;
    private readonly LoadedBenchmarks _benchmarks;
    private readonly RunStore _store;
    private readonly TeacherStore _teachers;
    private readonly RunPool _pool;
    private readonly IReadOnlyDictionary<string, string> _hashes;

    public FinishedRuns(Sweep sweep, SweepSettings settings, LoadedBenchmarks benchmarks, RunStore store, TeacherStore teachers)
    {
        (_sweep, _fresh, _benchmarks, _store, _teachers, _pool) = (sweep, settings.Fresh, benchmarks, store, teachers, new RunPool(sweep.Folder));
        _hashes = sweep.Runs.ToDictionary(run => run.Id, run => RunHash.Of(run.Settings, Provenance.Of(run, benchmarks.Of(run).Data.Sha256, settings.Device, settings.Parallel)), StringComparer.Ordinal);
    }

    /// <summary>Hash of all that the results of the sweep follow from.</summary>
    public string Plan => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(_hashes.OrderBy(run => run.Key, StringComparer.Ordinal).Select(run => $"{run.Key} {run.Value}\n")))));

    /// <summary>Looks, and changes nothing: in the sweep's own output folder first, then in those of other sweeps.</summary>
    public StandingRuns Find()
    {
        var kept = new List<FoundRun>();
        foreach (var pool in _fresh ? [] : SweepFolders.Beside(_sweep).Select(folder => new RunPool(folder)).Prepend(_pool))
        {
            var missing = _sweep.Runs.Select(run => run.Id).Except(kept.Select(run => run.Record.Id)).ToList();
            kept.AddRange(missing.Select(id => pool.Find(id, _hashes[id])).OfType<FoundRun>());
            if (kept.Count == _sweep.Runs.Count)
                break;
        }

        var lost = WithoutNetwork(kept);
        return new StandingRuns([.. kept.Where(run => lost.All(one => one.Id != run.Record.Id))], Outdated(), _sweep.RunsFollow ? [] : [.. _store.Ids().Except(_hashes.Keys)], lost);
    }

    /// <summary>Brings the folder into the state that <see cref="Find"/> found it should have, and tells of it.</summary>
    /// <returns>The records that stand.</returns>
    public IReadOnlyList<RunRecord> Settle(StandingRuns standing, ISweepObserver observer)
    {
        foreach (var id in standing.Unasked.Concat(standing.Outdated))
            _pool.Put(id);
        Tell(standing, observer);
        var records = standing.Kept.Where(run => Settle(run, observer)).Select(run => run.Record).ToList();
        foreach (var record in records)
            _store.DeleteCheckpoints(record.Id); // a process that was killed may have left them
        foreach (var id in _hashes.Keys.Except(records.Select(record => record.Id)))
            MakeAgain(id);
        return records;
    }

    /// <summary>A run is over where it has a record: those that are to be made have none.</summary>
    private void MakeAgain(string id)
    {
        if (_fresh && RunStore.RecordIn(_store.Folder(id)) is { Status: RunStatus.Done })
            _pool.Put(id);
        if (_fresh)
            _store.DeleteCheckpoints(id);
        _store.DeleteRecord(id);
    }

    /// <summary>False where another process has taken the run away since it was found.</summary>
    private bool Settle(FoundRun run, ISweepObserver observer)
    {
        var id = run.Record.Id;
        try
        {
            if (run.Output != _sweep.Folder)
                _pool.Copy(run, withNetwork: _sweep.Runs.Any(Teachers.NeededBy) && !IsLent(run));
            else if (run.IsPooled)
                _pool.Take(id, _hashes[id]);
            return true;
        }
        catch (IOException e) when (e is not StorageException)
        {
            observer.Message($"the run {id} of {run.Output} cannot be taken over, and is made: {e.Message}");
            return false;
        }
    }

    /// <summary>Whether <see cref="TeacherStore"/> finds the network where it is.</summary>
    private bool IsLent(FoundRun run) => !run.IsPooled && SweepFolders.Beside(_sweep.Folder).Contains(run.Output);

    private void Tell(StandingRuns standing, ISweepObserver observer)
    {
        var pool = RunPool.FolderIn(_sweep.Folder);
        if (standing.Unasked.Count > 0)
            observer.Message($"{Runs(standing.Unasked.Count)} that the sweep does not name now: kept in {pool} until it does");
        if (standing.Outdated.Count > 0)
            observer.Message($"{Runs(standing.Outdated.Count)} made with other code, data or on another device: kept in {pool}, and made again");
        foreach (var from in standing.Kept.Where(run => run.Output != _sweep.Folder || run.IsPooled).GroupBy(run => run.Output == _sweep.Folder ? pool : run.Output))
            observer.Message($"{Runs(from.Count())} taken over from {from.Key}: the same settings, code, data and device");
        foreach (var (id, reason) in standing.Lost)
            observer.Message($"the run {id} is made again, as others learn from its network: {reason}");
    }

    private static string Runs(int count) => count == 1 ? "1 run" : $"{count} runs";

    private IReadOnlyList<string> Outdated() => [.. from id in _store.Ids()
                                                    where _hashes.ContainsKey(id)
                                                    where RunStore.RecordIn(_store.Folder(id)) is { Status: RunStatus.Done } record && RunHash.Of(record) != _hashes[id]
                                                    select id];

    /// <summary>Finished single-task runs whose network an unfinished run needs, and of which there is no usable file.</summary>
    private List<(string Id, string Reason)> WithoutNetwork(IReadOnlyList<FoundRun> kept)
    {
        var finished = kept.ToDictionary(run => run.Record.Id, StringComparer.Ordinal);
        var needed = _sweep.Runs.Where(run => !finished.ContainsKey(run.Id)).SelectMany(_benchmarks.TeachersOf)
            .DistinctBy(teacher => teacher.Id).Where(teacher => finished.TryGetValue(teacher.Id, out var run) && !ComesWithNetwork(run));
        return [.. from teacher in needed
                   let reason = _teachers.Missing(teacher, _hashes[teacher.Id])
                   where reason is not null
                   select (teacher.Id, reason)];
    }

    /// <summary>Whether its network will be there once the run has been taken over.</summary>
    private bool ComesWithNetwork(FoundRun run) => (run.IsPooled || run.Output != _sweep.Folder) && File.Exists(run.Network);
}
