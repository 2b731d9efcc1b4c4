using MathNet.Numerics.Distributions;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>Whether treatments that are ranked within each of several blocks differ at all, and which ones do.</summary>
/// <remarks>
/// Friedman's χ² with the correction for ties; Iman and Davenport's F of it, which is less conservative where blocks are
/// few (Communications in Statistics 9, 1980); Nemenyi's critical difference. As recommended by Demšar,
/// "Statistical Comparisons of Classifiers over Multiple Data Sets", JMLR 7 (2006), section 3.2.2.
/// </remarks>
/// <param name="Blocks">N.</param>
/// <param name="MeanRanks">One a treatment, 1 the best; ties share the mean of their ranks.</param>
/// <param name="ChiSquare">k − 1 degrees of freedom.</param>
/// <param name="F">k − 1 and (k − 1)(N − 1) degrees of freedom; infinite where all blocks agree.</param>
/// <param name="Probability">Of an F at least as large if no treatment differed from another.</param>
/// <param name="CriticalDifference">Mean ranks that are this far apart or more differ at the level of 0.05.</param>
public sealed record FriedmanTest(
    int Blocks, IReadOnlyList<double> MeanRanks, double ChiSquare, double F, double Probability, double CriticalDifference)
{
    /// <summary>The test, or null for fewer than three blocks or two treatments: then nothing can be said.</summary>
    /// <param name="blocks">[blocks][treatments]; NaN is worse than any number.</param>
    /// <param name="higherIsBetter">Direction of the values.</param>
    public static FriedmanTest? Of(IReadOnlyList<IReadOnlyList<double>> blocks, bool higherIsBetter = true)
    {
        if (blocks.Count < Statistics.FewestSeeds || blocks[0].Count < 2)
            return null;
        var (n, k) = (blocks.Count, blocks[0].Count);
        var ranks = blocks.Select(block => Statistics.Ranks(block, higherIsBetter)).ToList();
        double[] means = [.. Enumerable.Range(0, k).Select(treatment => ranks.Average(block => block[treatment]))];
        var chiSquare = ChiSquareOf(ranks, means);
        var f = (n - 1) * chiSquare / ((n * (k - 1)) - chiSquare);
        return new FriedmanTest(n, means, chiSquare, f, ProbabilityOf(f, n, k), CriticalDifferenceOf(n, k));
    }

    /// <summary>Nemenyi's: the 0.95 quantile of the studentized range over √2, in units of a mean rank's deviation.</summary>
    /// <param name="blocks">N.</param>
    /// <param name="treatments">k.</param>
    public static double CriticalDifferenceOf(int blocks, int treatments) =>
        StudentizedRange.InvCdf(1 - Statistics.Significance, treatments) / Math.Sqrt(2) * Math.Sqrt(treatments * (treatments + 1) / (6.0 * blocks));

    /// <summary>The scatter of the mean ranks over the scatter of the ranks: ties, which lessen both, correct themselves.
    /// Without ties 12 N / (k (k + 1)) Σ (R̄ − (k + 1) / 2)².</summary>
    private static double ChiSquareOf(List<IReadOnlyList<double>> ranks, double[] means)
    {
        var middle = (means.Length + 1) / 2.0;
        var between = means.Sum(mean => Math.Pow(mean - middle, 2));
        var within = ranks.SelectMany(block => block).Sum(rank => Math.Pow(rank - middle, 2));
        return within == 0 ? 0 : ranks.Count * ranks.Count * (means.Length - 1) * between / within;
    }

    /// <summary>All blocks agreeing has the exact probability of one order out of k! in all blocks but the first (Conover,
    /// Practical Nonparametric Statistics, 3rd edition, section 5.8).</summary>
    private static double ProbabilityOf(double f, int n, int k) => double.IsFinite(f)
        ? 1 - FisherSnedecor.CDF(k - 1, (k - 1) * (n - 1), f)
        : Math.Pow(MathNet.Numerics.SpecialFunctions.Factorial(k), 1 - n);
}
