using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Sweeps.Workers;

/// <summary>The runs of a sweep that are asked for by now: all, or those of its rounds of seeds so far.</summary>
internal sealed class AskedRuns(Sweep sweep)
{
    private readonly RunStore _store = new(sweep.Folder);
    private HashSet<string> _ids = IdsOf(SeedsInRounds.First(sweep));

    /// <summary>In the sweep's order.</summary>
    public IReadOnlyList<RunSpec> Runs { get; private set; } = SeedsInRounds.First(sweep);

    /// <summary>How many runs the last round has, as the next one has at most; 0 where the number of seeds is fixed.</summary>
    public int RunsOfLastRound { get; private set; } = sweep.Rule.Rounds is null ? 0 : SeedsInRounds.First(sweep).Count;

    public bool Contains(string id) => _ids.Contains(id);

    /// <summary>Asks for the next round.</summary>
    /// <param name="over">Runs with a record, those of the rounds so far among them.</param>
    /// <returns>The runs that it adds; none where there is no further round.</returns>
    public IReadOnlyList<RunSpec> Next(IEnumerable<string> over)
    {
        if (sweep.Rule.Rounds is null)
            return [];
        var records = over.Where(Contains).Select(id => RunStore.RecordIn(_store.Folder(id))).OfType<RunRecord>().ToList();
        var runs = SeedsInRounds.By(sweep, records);
        var added = runs.Where(run => !Contains(run.Id)).ToList();
        if (added.Count > 0)
            (Runs, _ids, RunsOfLastRound) = (runs, IdsOf(runs), added.Count);
        return added;
    }

    /// <summary>A sentence on a round.</summary>
    public string About(IReadOnlyList<RunSpec> round)
    {
        var rows = round.Where(run => run.SingleTask is null && run.StrategyLabel != sweep.Rule.Reference).Select(run => run.StrategyLabel).Distinct().ToList();
        return $"Seed {round.Max(run => run.Seed)} of at most {sweep.Rule.Rounds!.To}, for {rows.Count} {(rows.Count == 1 ? "row that is" : "rows that are")} not decided: {string.Join(", ", rows)}";
    }

    private static HashSet<string> IdsOf(IEnumerable<RunSpec> runs) => runs.Select(run => run.Id).ToHashSet(StringComparer.Ordinal);
}
