using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary>What of some sweeps can be compared, and what cannot.</summary>
/// <param name="Groups">In the order in which the sweeps were named.</param>
/// <param name="Notes">One sentence for everything that is not compared, and for groups that are hardly two.</param>
public sealed record ComparedGroups(IReadOnlyList<ComparedGroup> Groups, IReadOnlyList<string> Notes)
{
    /// <summary>Takes from each benchmark and model the strategies that have the same seeds.</summary>
    /// <param name="sweeps">In the order in which they were named.</param>
    /// <param name="strategies">Labels of the only ones that are wanted; empty for all.</param>
    /// <exception cref="InputException">Two records of a sweep are for the same strategy and seed.</exception>
    public static ComparedGroups Of(IReadOnlyList<ComparedSweep> sweeps, IReadOnlyList<string> strategies)
    {
        var (groups, notes) = (new List<ComparedGroup>(), new List<string>());
        var pools = GroupPool.Of(sweeps);
        foreach (var pool in pools)
        {
            var values = Values(pool).Where(strategy => strategies.Count == 0 || strategies.Contains(strategy.Key)).ToDictionary(strategy => strategy.Key, strategy => strategy.Value, StringComparer.Ordinal);
            var name = $"{pool.Benchmark} · {pool.Model} ({string.Join(", ", pool.Sweeps)})";
            if (values.Count == 0)
                notes.Add($"Left out: {name}: {(strategies.Count > 0 ? "none of the strategies has" : "nothing has")} a finished run beside single-task runs of the same seed, so there is no Δ task.");
            else
                groups.Add(Group(pool, name, values, notes));
        }

        notes.AddRange(
            from pool in pools.Index()
            from other in pools.Skip(pool.Index + 1)
            where pool.Item.AsksForTheSameAs(other)
            select $"{string.Join(", ", pool.Item.Sweeps)} and {string.Join(", ", other.Sweeps)} ask for the same single-task runs, and some runs of theirs came out otherwise, on another machine or with other code: "
                + "they are two groups, which say the same twice.");
        return new ComparedGroups(groups, notes);
    }

    /// <summary>Δ task by strategy and seed; failed runs of seeds that others have are minus infinity.</summary>
    private static Dictionary<string, Dictionary<int, double>> Values(GroupPool pool)
    {
        var leaderboard = Leaderboard.Build("", pool.Records, DecisionRule.Default with { Rounds = pool.Rounds });
        var group = leaderboard.Groups.First(group => group.Benchmark == pool.Benchmark);
        var seeds = group.Rows.SelectMany(row => row.DeltaTaskBySeed.Keys).ToHashSet();
        var values = group.Rows.Where(row => row.Strategy != Leaderboard.SingleTask).ToDictionary(
            row => row.Strategy, row => row.DeltaTaskBySeed.ToDictionary(seed => seed.Key, seed => double.IsNaN(seed.Value) ? double.NegativeInfinity : seed.Value), StringComparer.Ordinal);
        foreach (var failure in group.Failures.Where(failure => seeds.Contains(failure.Seed) && values.ContainsKey(failure.Strategy)))
            values[failure.Strategy].TryAdd(failure.Seed, double.NegativeInfinity);
        return values.Where(strategy => strategy.Value.Count > 0).ToDictionary(strategy => strategy.Key, strategy => strategy.Value, StringComparer.Ordinal);
    }

    private static ComparedGroup Group(GroupPool pool, string name, Dictionary<string, Dictionary<int, double>> values, List<string> notes)
    {
        var seeds = Seeds(values);
        var complete = values.Where(strategy => seeds.All(strategy.Value.ContainsKey)).OrderBy(strategy => strategy.Key, StringComparer.Ordinal).ToList();
        foreach (var (strategy, missing) in values.Where(strategy => !seeds.All(strategy.Value.ContainsKey)).Select(strategy => (strategy.Key, seeds.Where(seed => !strategy.Value.ContainsKey(seed)))))
            notes.Add($"Left out: {name}: {strategy}, which lacks {SeedText([.. missing])}.");
        if (values.Values.SelectMany(strategy => strategy.Keys).Except(seeds).Distinct().Order().ToList() is { Count: > 0 } further)
            notes.Add($"Left out: {name}: {SeedText(further)}, which not all strategies have.");
        return new ComparedGroup(pool.Benchmark, pool.Model, pool.Sweeps, seeds, complete.ToDictionary(
            strategy => strategy.Key, strategy => (IReadOnlyList<double>)[.. seeds.Select(seed => strategy.Value[seed])], StringComparer.Ordinal));
    }

    private static string SeedText(IReadOnlyList<int> seeds) => $"{(seeds.Count == 1 ? "seed" : "seeds")} {string.Join(", ", seeds)}";

    /// <summary>Of the strategies' own sets of seeds the one by which most runs can be compared.</summary>
    private static List<int> Seeds(Dictionary<string, Dictionary<int, double>> values) => values.Values
        .Select(strategy => strategy.Keys.Order().ToList())
        .OrderByDescending(seeds => seeds.Count * values.Values.Count(other => seeds.TrueForAll(other.ContainsKey)))
        .ThenByDescending(seeds => seeds.Count)
        .ThenBy(seeds => string.Join(' ', seeds), StringComparer.Ordinal)
        .First();
}
