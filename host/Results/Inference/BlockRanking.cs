using KdMtlBench.Host.Results.Leaderboards;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>The strategies ranked by <see cref="LeaderboardRow.DeltaTask"/> within every block, a seed of a benchmark and model.</summary>
/// <param name="Groups">Benchmarks and models that the blocks come from.</param>
/// <param name="Blocks">Seeds, over all groups, that have a single-task run of every task and at least one strategy's result.</param>
/// <param name="Ranks">Of the strategies with a result in every block, the best first; empty without a test.</param>
/// <param name="LeftOut">Strategies that lack the result of a block.</param>
/// <param name="Test">Null for fewer than three blocks or two strategies.</param>
public sealed record BlockRanking(
    int Groups, int Blocks, IReadOnlyList<BlockRank> Ranks, IReadOnlyList<string> LeftOut, FriedmanTest? Test)
{
    /// <summary>The strategy's rank; null where it has none.</summary>
    public BlockRank? Of(string strategy) => Ranks.FirstOrDefault(rank => rank.Strategy == strategy);

    /// <summary>Ranks the multi-task rows of one or several groups.</summary>
    internal static BlockRanking Of(IEnumerable<IReadOnlyList<LeaderboardRow>> groups)
    {
        var blocks = groups.SelectMany(BlocksOf).ToList();
        var strategies = blocks.SelectMany(block => block.Values.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        var complete = strategies.Where(strategy => blocks.TrueForAll(block => block.Values.ContainsKey(strategy))).ToList();
        var test = FriedmanTest.Of([.. blocks.Select(block => complete.ConvertAll(strategy => block.Values[strategy]))]);
        return new BlockRanking(
            blocks.Select(block => block.Group).Distinct().Count(), blocks.Count, test is null ? [] : Ranked(complete, test), [.. strategies.Except(complete)], test);
    }

    private static IEnumerable<(string Group, Dictionary<string, double> Values)> BlocksOf(IReadOnlyList<LeaderboardRow> rows) =>
        from row in rows
        from value in row.DeltaTaskBySeed
        group (row.Strategy, value.Value) by value.Key into seed
        orderby seed.Key
        select ($"{rows[0].Benchmark} {rows[0].Model}", seed.ToDictionary(pair => pair.Strategy, pair => pair.Value));

    private static List<BlockRank> Ranked(List<string> strategies, FriedmanTest test)
    {
        var best = test.MeanRanks.Min();
        return [.. strategies.Zip(test.MeanRanks)
            .OrderBy(pair => pair.Second)
            .Select(pair => new BlockRank(
                pair.First, pair.Second, test.Probability >= Statistics.Significance || pair.Second - best < test.CriticalDifference))];
    }
}
