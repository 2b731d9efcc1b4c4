using KdMtlBench.Host.Results;
using KdMtlBench.Host.Training;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Which runs of a sweep stand already, and what has to be done about the others.</summary>
/// <param name="Kept">Finished with the same settings, code, data and device: need not be made.</param>
/// <param name="TakenOver">Of these, the ones that a sweep beside has made, by its folder.</param>
/// <param name="Superseded">Ids of records that the sweep no longer asks for.</param>
/// <param name="Lost">Finished runs that are made again since others learn from their network, and why it is not there.</param>
internal sealed record StandingRuns(
    IReadOnlyList<RunRecord> Kept,
    IReadOnlyList<(string Folder, IReadOnlyList<string> Ids)> TakenOver,
    IReadOnlyList<string> Superseded,
    IReadOnlyList<(string Id, string Reason)> Lost);

/// <summary>Finds which runs of a sweep need not be made.</summary>
internal sealed class FinishedRuns(Sweep sweep, SweepSettings settings, LoadedBenchmarks benchmarks, RunStore store, TeacherStore teachers)
{
    /// <summary>Looks, and changes nothing. Single-task runs are taken over from the sweeps beside this one where those have made them.</summary>
    public StandingRuns Find()
    {
        if (settings.Fresh)
            return new StandingRuns([], [], Superseded(), []);
        var (finished, takenOver) = WithTakenOver(Finished(store, sweep.Runs));
        var lost = WithoutNetwork([.. finished.Select(record => record.Id)]);
        return new StandingRuns([.. finished.Where(record => lost.All(run => run.Id != record.Id))], takenOver, Superseded(), lost);
    }

    /// <summary>Brings the folder into the state that <see cref="Find"/> found it should have, and tells of it.</summary>
    public void Settle(StandingRuns standing, ISweepObserver observer)
    {
        // Records of settings that the sweep no longer asks for leave its leaderboard, not the disk.
        foreach (var id in standing.Superseded)
            store.Supersede(id);
        foreach (var (folder, ids) in standing.TakenOver)
            foreach (var id in ids)
                store.Copy(new RunStore(folder), id);
        foreach (var record in standing.Kept)
            store.DeleteCheckpoints(record.Id); // a process that was killed may have left them
        Tell(standing, observer);
    }

    private void Tell(StandingRuns standing, ISweepObserver observer)
    {
        if (standing.Superseded.Count > 0)
            observer.Message($"{standing.Superseded.Count} earlier runs are not in sweep.yaml any more: moved to {Path.Combine(sweep.Folder, "superseded")}");
        foreach (var (folder, ids) in standing.TakenOver)
            observer.Message($"{ids.Count} single-task runs are taken over from {folder}: the same settings, code, data and device");
        foreach (var (id, reason) in standing.Lost)
            observer.Message($"the run {id} is made again, as others learn from its network: {reason}");
    }

    private List<RunRecord> Finished(RunStore runs, IEnumerable<RunSpec> asked)
    {
        var records = runs.ReadAll().Records.ToDictionary(record => record.Id, StringComparer.Ordinal);
        return [.. from run in asked
                   where records.ContainsKey(run.Id) && runs.WasMadeHere(run.Id)
                   let record = records[run.Id]
                   where record.Status == RunStatus.Done && record.SpecSha256 == run.Sha256
                   let now = Provenance.Of(run, benchmarks.Of(run).Data.Sha256, settings.Device, settings.Parallel)
                   where now.Where(fact => Provenance.DeterminesResult(fact.Key)).All(fact => record.Provenance.GetValueOrDefault(fact.Key) == fact.Value)
                   select record];
    }

    private IReadOnlyList<string> Superseded()
    {
        var asked = sweep.Runs.Select(run => run.Id).ToHashSet(StringComparer.Ordinal);
        return [.. store.Ids().Where(id => !asked.Contains(id))];
    }

    private (List<RunRecord> Finished, List<(string Folder, IReadOnlyList<string> Ids)> TakenOver) WithTakenOver(List<RunRecord> own)
    {
        var finished = own.ToList();
        var takenOver = new List<(string, IReadOnlyList<string>)>();
        var missing = sweep.Runs.Where(run => run.SingleTask is not null && own.TrueForAll(record => record.Id != run.Id)).ToList();
        foreach (var folder in SweepFolders.Beside(sweep.Folder).TakeWhile(_ => missing.Count > 0))
        {
            var found = Finished(new RunStore(folder), missing);
            if (found.Count == 0)
                continue;
            takenOver.Add((folder, [.. found.Select(record => record.Id)]));
            finished.AddRange(found);
            missing.RemoveAll(run => found.Exists(record => record.Id == run.Id));
        }

        return (finished, takenOver);
    }

    /// <summary>Finished single-task runs whose network an unfinished run needs, and of which there is no usable file.</summary>
    private List<(string Id, string Reason)> WithoutNetwork(HashSet<string> finished)
    {
        var needed = sweep.Runs.Where(run => !finished.Contains(run.Id)).SelectMany(benchmarks.TeachersOf)
            .DistinctBy(teacher => teacher.Id).Where(teacher => finished.Contains(teacher.Id));
        return [.. from teacher in needed
                   let reason = teachers.Missing(teacher, TeacherStore.Identity(teacher, benchmarks.Of(teacher).Data.Sha256, settings.Device))
                   where reason is not null
                   select (teacher.Id, reason)];
    }
}
