using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary>Strategies that have a result in each of several groups, condensed over these.</summary>
/// <param name="Groups">Indices, at least one.</param>
/// <param name="Rows">The best interquartile mean first.</param>
/// <param name="Test">Friedman's, the groups being the blocks; null below three groups.</param>
public sealed record Aggregate(IReadOnlyList<int> Groups, IReadOnlyList<AggregateRow> Rows, FriedmanTest? Test);

/// <summary>One strategy over several groups.</summary>
/// <param name="Strategy">Label.</param>
/// <param name="InterquartileMean">Of Δ task over all runs.</param>
/// <param name="Mean">The same.</param>
/// <param name="MeanRank">Over the groups, of the rank of the mean Δ task within the group, 1 is best.</param>
/// <param name="Values">Δ task, by group and seed.</param>
public sealed record AggregateRow(
    string Strategy, BootstrapInterval InterquartileMean, BootstrapInterval Mean, BootstrapInterval MeanRank, IReadOnlyList<IReadOnlyList<double>> Values)
{
    /// <summary>Runs that failed.</summary>
    public int Failed => Values.Sum(group => group.Count(double.IsNegativeInfinity));

    /// <summary>Of the performance profile: the share of runs with a Δ task of at least this, each group counting alike.</summary>
    public double ShareAtLeast(double threshold) => Values.Average(group => group.Count(value => value >= threshold) / (double)group.Count);
}
