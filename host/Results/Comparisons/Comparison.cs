using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary>Strategies across sweeps, from their records. Exploratory: no interval here holds for several comparisons together.</summary>
/// <param name="Reference">Label of the strategy that all others are compared with first.</param>
/// <param name="Sweeps">As they were named.</param>
/// <param name="Groups">What they have, and what of it is left out.</param>
/// <param name="Pairs">Every two strategies that share a group, both ways round.</param>
/// <param name="Aggregates">Over the most groups first.</param>
/// <param name="Models">One a benchmark with several models.</param>
public sealed record Comparison(
    string Reference, IReadOnlyList<ComparedSweep> Sweeps, ComparedGroups Groups, IReadOnlyList<PairComparison> Pairs,
    IReadOnlyList<Aggregate> Aggregates, IReadOnlyList<ModelComparison> Models)
{
    /// <summary>The strategies, the most likely to beat the reference first, which is among them where it has results; those that share no group with it last.</summary>
    public IReadOnlyList<string> Strategies { get; } =
    [
        .. from strategy in Groups.Groups.SelectMany(one => one.Values.Keys).Distinct()
           let pair = Pairs.FirstOrDefault(pair => pair.Strategy == strategy && pair.Other == Reference)
           orderby strategy == Reference ? 0.5 : pair?.Probability.Value ?? -1 descending, strategy != Reference, strategy
           select strategy,
    ];

    /// <summary>Compares; the same bytes again for the same sweeps.</summary>
    /// <param name="sweeps">In the order in which they were named.</param>
    /// <param name="reference">Label; null for the one that all sweeps name, or else uniform.</param>
    /// <param name="strategies">Labels of the only ones that are wanted; empty for all.</param>
    /// <exception cref="InputException">There is nothing to compare, or no such strategy.</exception>
    public static Comparison Of(IReadOnlyList<ComparedSweep> sweeps, string? reference = null, IReadOnlyList<string>? strategies = null)
    {
        var named = sweeps.Select(sweep => sweep.Rule.Reference).Distinct().ToList();
        var others = reference ?? (named.Count == 1 ? named[0] : Leaderboards.Leaderboard.Uniform);
        var groups = ComparedGroups.Of(sweeps, strategies is { Count: > 0 } ? [.. strategies, others] : []);
        var known = groups.Groups.SelectMany(group => group.Values.Keys).ToHashSet(StringComparer.Ordinal);
        if ((strategies ?? []).Append(reference).OfType<string>().FirstOrDefault(wanted => !known.Contains(wanted)) is { } unknown)
            throw new InputException($"no sweep has results of `{unknown}` that can be compared{Options.Wording.Suggest(unknown, known)}");
        if (known.Count < 2)
            throw new InputException($"there is nothing to compare: it takes two strategies with single-task runs of the same seeds{string.Concat(groups.Notes.Select(sentence => $"\n  {sentence}"))}");
        var seeds = groups.Groups.Select(group => group.Seeds.Count).ToList();
        var bootstrap = new StratifiedBootstrap([.. seeds, .. seeds]); // two draws of every group, for strategies that are drawn each alone
        return new Comparison(
            others, sweeps, groups, PairsOf(groups.Groups, [.. known.Order(StringComparer.Ordinal)], bootstrap),
            new AggregateBuilder(groups.Groups, bootstrap).Build(), ModelComparison.Of(groups.Groups));
    }

    private static IReadOnlyList<PairComparison> PairsOf(IReadOnlyList<ComparedGroup> groups, IReadOnlyList<string> strategies, StratifiedBootstrap bootstrap) =>
    [
        .. from first in Enumerable.Range(0, strategies.Count)
           from second in Enumerable.Range(first + 1, strategies.Count - first - 1)
           let x = strategies[first]
           let y = strategies[second]
           let shared = Enumerable.Range(0, groups.Count).Where(i => groups[i].Values.ContainsKey(x) && groups[i].Values.ContainsKey(y)).ToList()
           where shared.Count > 0
           let probability = Probability(groups, shared, x, y, bootstrap)
           from pair in new[] { new PairComparison(x, y, shared, probability), new PairComparison(y, x, shared, probability.Complement()) }
           select pair,
    ];

    /// <summary>As Agarwal et al., each strategy drawn alone: a seed that is drawn twice for both would meet itself more often than it should.</summary>
    private static BootstrapInterval Probability(IReadOnlyList<ComparedGroup> groups, List<int> shared, string x, string y, StratifiedBootstrap bootstrap)
    {
        var wins = shared.ConvertAll(group => new ProbabilityOfImprovement(groups[group].Values[x], groups[group].Values[y]));
        return bootstrap.Of(shared, draws =>
        {
            var sum = 0.0;
            for (var i = 0; i < wins.Count; i++)
                sum += wins[i].Of(draws[shared[i]], draws[groups.Count + shared[i]]);
            return [sum / wins.Count];
        })[0];
    }
}
