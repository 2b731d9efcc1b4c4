using MathNet.Numerics.Random;
using MathNet.Numerics.Statistics;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>Percentile bootstrap: seeds are resampled with replacement within each group, and groups are kept as they are.</summary>
/// <remarks>
/// Agarwal, Schwarzer, Castro, Courville and Bellemare, "Deep Reinforcement Learning at the Edge of the Statistical Precipice", NeurIPS 2021,
/// section 4.1. They resample each algorithm's runs alone. Who gives all strategies the same draws keeps together the runs of a seed, which have first
/// weights, order of batches and single-task networks in common. The same seed of the generator gives the same draws.
/// </remarks>
public sealed class StratifiedBootstrap
{
    /// <summary>How often the seeds are drawn anew.</summary>
    public const int Resamples = 5000;

    private static readonly double[] _tails = [Statistics.Significance / 2, 1 - (Statistics.Significance / 2)];

    private readonly IReadOnlyList<int> _seeds;
    private readonly int[][] _asMade;
    private readonly int[][][] _draws;

    /// <param name="seeds">How many each group has.</param>
    /// <param name="resamples">How often they are drawn anew.</param>
    /// <param name="generatorSeed">Of the random numbers.</param>
    public StratifiedBootstrap(IReadOnlyList<int> seeds, int resamples = Resamples, int generatorSeed = 1)
    {
        var random = new MersenneTwister(generatorSeed, threadSafe: false);
        _seeds = seeds;
        _asMade = [.. seeds.Select(count => Enumerable.Range(0, count).ToArray())];
        _draws = [.. Enumerable.Range(0, resamples).Select(_ => seeds.Select(count => Draw(count)).ToArray())];

        int[] Draw(int count)
        {
            var draw = new int[count];
            for (var i = 0; i < count; i++)
                draw[i] = random.Next(count);
            return draw;
        }
    }

    /// <summary>Statistics with their intervals.</summary>
    /// <param name="groups">Whose runs they are of.</param>
    /// <param name="statistics">From the drawn seeds' indices, by group; always as many, none of them NaN.</param>
    public IReadOnlyList<BootstrapInterval> Of(IReadOnlyList<int> groups, Func<IReadOnlyList<int[]>, double[]> statistics)
    {
        var values = statistics(_asMade);
        if (groups.Any(group => _seeds[group] < Statistics.FewestSeeds))
            return [.. values.Select(value => new BootstrapInterval(value, null, null))];
        var drawn = _draws.Select(statistics).ToList();
        return [.. values.Select((value, i) => Interval(value, [.. drawn.Select(statistic => statistic[i]).Order()]))];
    }

    /// <summary>Quantiles that are values themselves: between minus infinity and a number there is nothing to interpolate.</summary>
    private static BootstrapInterval Interval(double value, double[] sorted) => new(
        value, SortedArrayStatistics.QuantileCustom(sorted, _tails[0], QuantileDefinition.R1), SortedArrayStatistics.QuantileCustom(sorted, _tails[1], QuantileDefinition.R1));
}
