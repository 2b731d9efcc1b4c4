using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>How many seeds each row is to have, where they come in rounds.</summary>
/// <remarks>Follows from the records alone: the same for any number of workers, and however often a sweep is cut off and goes on.</remarks>
public sealed class SeedAllotment
{
    private readonly DecisionRule _rule;
    private readonly Dictionary<(string Benchmark, string Model, string Strategy), int> _last = [];

    private SeedAllotment(DecisionRule rule) => _rule = rule;

    /// <summary>That of the first round.</summary>
    public static SeedAllotment First(DecisionRule rule) => new(rule);

    /// <summary>A row that one more seed may decide gets it, and so does its reference; the others keep what decided them.</summary>
    /// <param name="rule">Of the sweep, with rounds.</param>
    /// <param name="records">So far; those of the first round all of them.</param>
    public static SeedAllotment Of(DecisionRule rule, IReadOnlyList<RunRecord> records)
    {
        var allotment = new SeedAllotment(rule);
        foreach (var group in Leaderboard.Build("", records, rule).Groups)
        {
            var rows = group.Rows.Where(row => row.Verdict is not null).ToList();
            var reached = records.Where(record => record.Benchmark == group.Benchmark && record.Model == group.Model).ToLookup(record => record.Strategy, record => record.Seed);
            foreach (var row in rows)
                allotment._last[(row.Benchmark, row.Model, row.Strategy)] = Last(group.Family, row.Verdict!, [.. reached[row.Strategy].Intersect(reached[rule.Reference])]);
            allotment._last[(group.Benchmark, group.Model, rule.Reference)] = rows.Select(row => allotment._last[(row.Benchmark, row.Model, row.Strategy)]).DefaultIfEmpty(0).Max();
        }

        return allotment;
    }

    /// <summary>Whether a run is in it. Single-task networks are made for the first round, and later where they are the reference.</summary>
    public bool Takes(string benchmark, string model, string strategy, int seed) =>
        seed <= Math.Max(_rule.Rounds!.From, _last.GetValueOrDefault((benchmark, model, strategy)));

    /// <summary>The seeds without a gap that both rows have, and one more where that may decide.</summary>
    private static int Last(VerdictFamily family, Verdict verdict, HashSet<int> reached)
    {
        if (!family.NeedsMore(verdict))
            return verdict.LastSeed;
        var seed = 0;
        while (reached.Contains(seed + 1))
            seed++;
        return Math.Min(seed + 1, family.Rule.Rounds!.To);
    }
}
