using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary>Finds the strategies that share groups, and condenses their results.</summary>
/// <param name="groups">All of them.</param>
/// <param name="bootstrap">Over all groups.</param>
internal sealed class AggregateBuilder(IReadOnlyList<ComparedGroup> groups, StratifiedBootstrap bootstrap)
{
    private const double MoreBy = 1.5;
    private const int MostSets = 4096; // of groups that are looked at; results of dozens of sweeps have fewer

    /// <summary>For each number of groups the most strategies that share so many, where they are half as many again as those that share more groups. Two
    /// groups or more, unless there is only one.</summary>
    public IReadOnlyList<Aggregate> Build()
    {
        var found = new List<Aggregate>();
        var most = 0;
        foreach (var shared in SharedGroups().Where(shared => shared.Count > 1 || groups.Count == 1).GroupBy(shared => shared.Count).OrderByDescending(size => size.Key))
        {
            var best = shared.OrderByDescending(one => StrategiesIn(one).Count).ThenBy(one => string.Join(' ', one.Select(group => $"{group:000}")), StringComparer.Ordinal).First();
            if (StrategiesIn(best) is { } strategies && strategies.Count > 1 && strategies.Count >= MoreBy * most)
            {
                most = strategies.Count;
                found.Add(Of(best, strategies));
            }
        }

        return found;
    }

    /// <summary>The sets of groups of every strategy, and what these have in common.</summary>
    private List<IReadOnlyList<int>> SharedGroups()
    {
        var own = groups.SelectMany(group => group.Values.Keys).Distinct().Select(GroupsOf).DistinctBy(Text).ToList();
        var all = own.ToDictionary(Text, StringComparer.Ordinal);
        var fresh = own;
        while (fresh.Count > 0 && all.Count < MostSets)
        {
            fresh = [.. fresh.SelectMany(one => own.Select(other => (IReadOnlyList<int>)[.. one.Intersect(other)])).Where(common => common.Count > 0).DistinctBy(Text).Where(common => !all.ContainsKey(Text(common)))];
            foreach (var common in fresh)
                all.Add(Text(common), common);
        }

        return [.. all.Values];

        static string Text(IReadOnlyList<int> shared) => string.Join(' ', shared);
    }

    private IReadOnlyList<int> GroupsOf(string strategy) => [.. Enumerable.Range(0, groups.Count).Where(group => groups[group].Values.ContainsKey(strategy))];

    private List<string> StrategiesIn(IReadOnlyList<int> shared) =>
        [.. groups[shared[0]].Values.Keys.Where(strategy => shared.All(group => groups[group].Values.ContainsKey(strategy))).Order(StringComparer.Ordinal)];

    private Aggregate Of(IReadOnlyList<int> shared, List<string> strategies)
    {
        var values = strategies.ConvertAll(strategy => shared.Select(group => groups[group].Values[strategy]).ToList());
        var intervals = bootstrap.Of(shared, draws => Statistic(values, [.. shared.Select(group => draws[group])]));
        var count = strategies.Count;
        var rows = strategies.Select((strategy, i) => new AggregateRow(strategy, intervals[i], intervals[count + i], intervals[(2 * count) + i], values[i]));
        return new Aggregate(
            shared,
            [.. rows.OrderByDescending(row => row.InterquartileMean.Value).ThenBy(row => row.MeanRank.Value).ThenBy(row => row.Strategy, StringComparer.Ordinal)],
            FriedmanTest.Of([.. Enumerable.Range(0, shared.Count).Select(group => values.ConvertAll(strategy => Statistics.Mean(strategy[group])))]));
    }

    /// <summary>Interquartile means, means and mean ranks of all strategies.</summary>
    private static double[] Statistic(List<List<IReadOnlyList<double>>> values, int[][] draws)
    {
        var drawn = values.ConvertAll(strategy => strategy.ConvertAll(_ => Array.Empty<double>()));
        for (var strategy = 0; strategy < values.Count; strategy++)
            for (var group = 0; group < draws.Length; group++)
                drawn[strategy][group] = Array.ConvertAll(draws[group], seed => values[strategy][group][seed]);
        var ranks = draws.Select((_, group) => Statistics.Ranks(drawn.ConvertAll(strategy => Statistics.Mean(strategy[group])), higherIsBetter: true)).ToList();
        return
        [
            .. drawn.Select(strategy => Statistics.InterquartileMean(strategy.SelectMany(group => group))),
            .. drawn.Select(strategy => Statistics.Mean([.. strategy.SelectMany(group => group)])),
            .. drawn.Select((_, i) => ranks.Average(group => group[i])),
        ];
    }
}
