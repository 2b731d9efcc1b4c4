using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>What can be said from a few seeds. Below three values there is no interval and no test: null, never a guess.</summary>
public static class Statistics
{
    /// <summary>The fewest values that an interval or a test is given for.</summary>
    public const int FewestSeeds = 3;

    /// <summary>The level of every test, before any correction.</summary>
    public const double Significance = 0.05;

    /// <summary>Of at least one value; a NaN makes it NaN.</summary>
    /// <remarks>The second pass takes the rounding of the sum out: three times 0.8 has the mean 0.8, and ties stay ties.</remarks>
    public static double Mean(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return double.IsFinite(mean) ? mean + values.Average(value => value - mean) : mean;
    }

    public static double Median(IReadOnlyList<double> values) => ((IEnumerable<double>)values).Median();

    /// <summary>Of the sample, over n − 1; NaN for a single value.</summary>
    public static double StandardDeviation(IReadOnlyList<double> values) => ((IEnumerable<double>)values).StandardDeviation();

    /// <summary>Half width of the 95 % confidence interval of the mean, by Student's t.</summary>
    public static double? Ci95(IReadOnlyList<double> values) => values.Count < FewestSeeds
        ? null
        : TQuantile(Significance, values.Count) * StandardDeviation(values) / Math.Sqrt(values.Count);

    /// <summary>What Student's t of so many values exceeds, on either side, with a probability of <paramref name="level"/>.</summary>
    public static double TQuantile(double level, int values) => -StudentT.InvCDF(0, 1, values - 1, level / 2);

    /// <summary>Two-sided p of the paired t-test.</summary>
    /// <param name="first">One value a pair.</param>
    /// <param name="second">In the same order.</param>
    /// <returns>Null for fewer than three pairs, or where a difference is not finite. Differences that are all equal
    /// give 1 where they are zero and 0 where they are not.</returns>
    public static double? PairedTTest(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        var differences = first.Zip(second, (a, b) => a - b).ToArray();
        if (differences.Length < FewestSeeds || !differences.All(double.IsFinite))
            return null;
        var mean = Mean(differences);
        if (mean == 0)
            return 1;
        var t = mean / (StandardDeviation(differences) / Math.Sqrt(differences.Length));
        return 2 * StudentT.CDF(0, 1, differences.Length - 1, -Math.Abs(t));
    }

    /// <summary>Mean of the middle half: a quarter of the values, rounded down, is cut off at either end (Agarwal et al., NeurIPS 2021, section 4.3).</summary>
    public static double InterquartileMean(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var cut = sorted.Length / 4;
        return Mean(sorted[cut..^cut]);
    }

    /// <summary>Ranks from 1, the best; equal values share the mean of their ranks, NaN is worse than any number.</summary>
    public static IReadOnlyList<double> Ranks(IReadOnlyList<double> values, bool higherIsBetter)
    {
        var costs = values.Select(value => double.IsNaN(value) ? double.PositiveInfinity : higherIsBetter ? -value : value).ToArray();
        return [.. costs.Select(cost => costs.Count(other => other < cost) + (costs.Count(other => other == cost) + 1) / 2.0)];
    }
}
