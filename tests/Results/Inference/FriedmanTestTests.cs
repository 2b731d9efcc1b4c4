using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Tests.Results.Inference;

public class FriedmanTestTests
{
    /// <summary>Ranks of four variants of C4.5 on 14 data sets: Demšar, JMLR 7 (2006), table 6, worked through in section 3.2.2.</summary>
    private static readonly double[][] DemsarRanks =
    [
        [4, 3, 2, 1], [1, 2, 3, 4], [4, 1, 2, 3], [4, 1, 3, 2], [4, 2, 3, 1], [1, 2.5, 4, 2.5], [3, 2, 4, 1],
        [2.5, 2.5, 4, 1], [4, 3, 2, 1], [2.5, 2.5, 2.5, 2.5], [4, 2.5, 1, 2.5], [3, 2, 4, 1], [4, 1, 2, 3], [3, 1, 4, 2],
    ];

    /// <summary>Pulse before exercise, after it and five minutes later: the example of scipy.stats.friedmanchisquare.</summary>
    private static readonly double[][] Pulses =
    [
        [72, 120, 76], [96, 120, 95], [88, 132, 104], [92, 120, 96], [74, 101, 84], [76, 96, 72], [82, 112, 76],
    ];

    /// <summary>Times of 22 baseball players in three ways of rounding first base, with ties: the example of R's friedman.test.</summary>
    private static readonly double[][] RoundingTimes =
    [
        [5.40, 5.50, 5.55], [5.85, 5.70, 5.75], [5.20, 5.60, 5.50], [5.55, 5.50, 5.40], [5.90, 5.85, 5.70], [5.45, 5.55, 5.60],
        [5.40, 5.40, 5.35], [5.45, 5.50, 5.35], [5.25, 5.15, 5.00], [5.85, 5.80, 5.70], [5.25, 5.20, 5.10], [5.65, 5.55, 5.45],
        [5.60, 5.35, 5.45], [5.05, 5.00, 4.95], [5.50, 5.50, 5.40], [5.45, 5.55, 5.50], [5.55, 5.55, 5.35], [5.45, 5.50, 5.55],
        [5.50, 5.45, 5.25], [5.65, 5.60, 5.40], [5.70, 5.65, 5.55], [6.30, 6.30, 6.25],
    ];

    [Theory] // Demšar (2006), table 5(a): quantiles of the studentized range over √2
    [InlineData(2, 1.960)]
    [InlineData(3, 2.343)]
    [InlineData(4, 2.569)]
    [InlineData(5, 2.728)]
    [InlineData(6, 2.850)]
    [InlineData(7, 2.949)]
    [InlineData(8, 3.031)]
    [InlineData(9, 3.102)]
    [InlineData(10, 3.164)]
    public void Studentized_range_gives_the_published_critical_values(int count, double published) =>
        (StudentizedRange.InvCdf(0.95, count) / Math.Sqrt(2)).ShouldBe(published, 0.00075); // 2.3437 and 2.9483 are printed as 2.343 and 2.949

    [Theory]
    [InlineData(1)]
    [InlineData(3.5)]
    public void Range_of_two_values_has_its_closed_form(double range) => // their difference is normal with variance 2
        StudentizedRange.Cdf(range, 2).ShouldBe((2 * MathNet.Numerics.Distributions.Normal.CDF(0, 1, range / Math.Sqrt(2))) - 1, 1e-13);

    [Fact]
    public void Demsars_example_comes_out_as_published()
    {
        var test = FriedmanTest.Of(DemsarRanks, higherIsBetter: false)!;

        test.Blocks.ShouldBe(14);
        test.MeanRanks.ShouldBe([3.143, 2.000, 2.893, 1.964], 0.0005);
        test.CriticalDifference.ShouldBe(1.25, 0.005);

        // Published without a correction for ties, of which there are Σ(t³ − t) = 6 + 6 + 60 + 6 among 14·(4³ − 4).
        var withoutCorrection = test.ChiSquare * (1 - (78 / 840.0));
        withoutCorrection.ShouldBe(9.28, 0.005);
        (13 * withoutCorrection / ((14 * 3) - withoutCorrection)).ShouldBe(3.69, 0.005);
    }

    [Fact]
    public void Chi_square_agrees_with_the_published_example_of_scipy()
    {
        var test = FriedmanTest.Of(Pulses)!;

        test.ChiSquare.ShouldBe(10.57142857142857, 1e-12);
        test.F.ShouldBe(6 * 10.57142857142857 / (14 - 10.57142857142857), 1e-11);
        test.Probability.ShouldBe(Math.Pow(1 + (test.F / 6), -6), 1e-12); // of F with 2 and 12 degrees of freedom, in closed form
    }

    [Fact]
    public void Chi_square_is_corrected_for_ties_as_in_the_published_example_of_r() =>
        FriedmanTest.Of(RoundingTimes, higherIsBetter: false)!.ChiSquare.ShouldBe(11.143, 0.0005);

    [Fact]
    public void Direction_turns_the_ranks_and_nothing_else()
    {
        var (up, down) = (FriedmanTest.Of(Pulses)!, FriedmanTest.Of(Pulses, higherIsBetter: false)!);

        up.MeanRanks.Zip(down.MeanRanks, (a, b) => a + b).ShouldAllBe(sum => Math.Abs(sum - 4) < 1e-12);
        down.ChiSquare.ShouldBe(up.ChiSquare, 1e-12);
    }

    [Fact]
    public void Blocks_that_all_agree_have_the_exact_probability() =>
        FriedmanTest.Of([[1, 2, 3], [4, 5, 6], [7, 8, 9]])!.Probability.ShouldBe(1 / 36.0, 1e-15); // one order of 3! in two blocks

    [Fact]
    public void Blocks_of_nothing_but_ties_show_no_difference() => FriedmanTest.Of([[1, 1], [2, 2], [3, 3]])!.Probability.ShouldBe(1);

    [Fact]
    public void Fewer_than_three_blocks_or_two_treatments_give_no_test()
    {
        FriedmanTest.Of([[1, 2], [1, 2]]).ShouldBeNull();
        FriedmanTest.Of([[1], [1], [1]]).ShouldBeNull();
        FriedmanTest.Of([]).ShouldBeNull();
    }
}
