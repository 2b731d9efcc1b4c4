using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training.Distillation;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Which runs a sweep asks for whose seeds come in rounds: after each, the rows that are not decided get one more.</summary>
/// <remarks>A sweep with a fixed number of seeds asks for all of its runs at once.</remarks>
internal static class SeedsInRounds
{
    /// <summary>Those of the first round.</summary>
    public static IReadOnlyList<RunSpec> First(Sweep sweep) => sweep.Rule.Rounds is null ? sweep.Runs : Asked(sweep, Taken(sweep, SeedAllotment.First(sweep.Rule)));

    /// <summary>Those that the records so far ask for: as far as they go, with the next round.</summary>
    /// <param name="sweep">With the runs of all seeds that there may be.</param>
    /// <param name="records">In any order; those of other runs are left out.</param>
    public static IReadOnlyList<RunSpec> By(Sweep sweep, IReadOnlyList<RunRecord> records)
    {
        if (sweep.Rule.Rounds is null)
            return sweep.Runs;
        var first = Taken(sweep, SeedAllotment.First(sweep.Rule));
        var known = records.Select(record => record.Id).ToHashSet(StringComparer.Ordinal);
        if (!first.TrueForAll(run => known.Contains(run.Id)))
            return Asked(sweep, first);
        var named = sweep.Runs.Select(run => run.Id).ToHashSet(StringComparer.Ordinal);
        return Asked(sweep, Taken(sweep, SeedAllotment.Of(sweep.Rule, [.. records.Where(record => named.Contains(record.Id))])));
    }

    /// <summary>The sweep with the runs that the records in its folder ask for.</summary>
    public static Sweep SoFar(Sweep sweep) => sweep.Rule.Rounds is null ? sweep : sweep with { Runs = By(sweep, new RunStore(sweep.Folder).ReadAll().Records) };

    /// <summary>With the seeds that the rows have in stored results, and no further ones: what is compared with these decides nothing anew.</summary>
    public static Sweep AsStored(Sweep sweep, IReadOnlyList<RunRecord> stored)
    {
        var made = stored.Select(record => (record.Benchmark, record.Model, record.Strategy, record.SingleTask, record.Seed)).ToHashSet();
        return sweep.Rule.Rounds is null ? sweep : sweep with
        {
            Rule = sweep.Rule with { Rounds = null },
            Runs = [.. sweep.Runs.Where(run => made.Contains((run.Benchmark.Label, run.Model.Label, run.StrategyLabel, run.SingleTask, run.Seed)))],
        };
    }

    private static List<RunSpec> Taken(Sweep sweep, SeedAllotment allotment) =>
        [.. sweep.Runs.Where(run => allotment.Takes(run.Benchmark.Label, run.Model.Label, run.StrategyLabel, run.Seed))];

    /// <summary>With the single-task runs that some learn from.</summary>
    private static IReadOnlyList<RunSpec> Asked(Sweep sweep, List<RunSpec> runs)
    {
        var ids = runs.Select(run => run.Id).ToHashSet(StringComparer.Ordinal);
        return [.. sweep.Runs.Where(run => ids.Contains(run.Id) || (run.SingleTask is not null && runs.Exists(student => Teachers.Teaches(run, student))))];
    }
}
