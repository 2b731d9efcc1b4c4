using KdMtlBench.Host.Results;
using KdMtlBench.Host.Training;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Finds which runs of a sweep need not be made.</summary>
internal sealed class FinishedRuns(
    Sweep sweep, SweepSettings settings, LoadedBenchmarks benchmarks, RunStore store, TeacherStore teachers, ISweepObserver observer)
{
    /// <summary>Records that stay, finished in this checkout with the same settings, code, data and device. Single-task runs are
    /// taken over from the sweeps beside this one where those have made them.</summary>
    public IReadOnlyList<RunRecord> Keep()
    {
        MoveSuperseded();
        if (settings.Fresh)
            return [];
        TakeOver();
        var kept = Finished(store, sweep.Runs);
        var lost = WithoutNetwork([.. kept.Select(record => record.Id)]);
        return [.. kept.Where(record => !lost.Contains(record.Id))];
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

    /// <summary>Records of settings that the sweep no longer asks for leave its leaderboard, not the disk.</summary>
    private void MoveSuperseded()
    {
        var asked = sweep.Runs.Select(run => run.Id).ToHashSet(StringComparer.Ordinal);
        var moved = store.Ids().Where(id => !asked.Contains(id)).ToList();
        moved.ForEach(store.Supersede);
        if (moved.Count > 0)
            observer.Message($"{moved.Count} earlier runs are not in sweep.yaml any more: moved to {Path.Combine(sweep.Folder, "superseded")}");
    }

    private void TakeOver()
    {
        var own = Finished(store, sweep.Runs).Select(record => record.Id).ToHashSet(StringComparer.Ordinal);
        var missing = sweep.Runs.Where(run => run.SingleTask is not null && !own.Contains(run.Id)).ToList();
        foreach (var folder in SweepFolders.Beside(sweep.Folder).TakeWhile(_ => missing.Count > 0))
        {
            var other = new RunStore(folder);
            var found = Finished(other, missing).Select(record => record.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var id in found)
                store.Copy(other, id);
            missing.RemoveAll(run => found.Contains(run.Id));
            if (found.Count > 0)
                observer.Message($"{found.Count} single-task runs are taken over from {folder}: the same settings, code, data and device");
        }
    }

    /// <summary>Finished single-task runs whose network an unfinished run needs, and of which there is no usable file.</summary>
    private HashSet<string> WithoutNetwork(HashSet<string> finished)
    {
        var needed = sweep.Runs.Where(run => !finished.Contains(run.Id)).SelectMany(benchmarks.TeachersOf)
            .DistinctBy(teacher => teacher.Id).Where(teacher => finished.Contains(teacher.Id));
        var lost = new HashSet<string>(StringComparer.Ordinal);
        foreach (var teacher in needed)
        {
            if (teachers.Missing(teacher, TeacherStore.Identity(teacher, benchmarks.Of(teacher).Data.Sha256, settings.Device)) is not { } reason)
                continue;
            observer.Message($"the run {teacher.Id} is made again, as others learn from its network: {reason}");
            lost.Add(teacher.Id);
        }

        return lost;
    }
}
