using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Tests.Results.Inference;

public class StatisticsTests
{
    [Theory] // Student's t, two-sided 95 %, as printed in every table
    [InlineData(3, 4.302653)]
    [InlineData(5, 2.776445)]
    [InlineData(10, 2.262157)]
    public void Interval_uses_the_published_t_quantiles(int count, double quantile)
    {
        var values = Enumerable.Range(1, count).Select(i => (double)i).ToList();
        var deviation = Math.Sqrt(count * (count + 1) / 12.0); // of 1 … n, over n − 1

        Statistics.StandardDeviation(values).ShouldBe(deviation, 1e-12);
        Statistics.Ci95(values)!.Value.ShouldBe(quantile * deviation / Math.Sqrt(count), 1e-6);
    }

    [Fact]
    public void Mean_of_equal_values_is_that_value()
    {
        Statistics.Mean([0.8, 0.8, 0.8]).ShouldBe(0.8); // their sum over 3 is not
        Statistics.Mean([1, double.NaN]).ShouldBe(double.NaN);
        Statistics.Mean([1, double.PositiveInfinity]).ShouldBe(double.PositiveInfinity);
    }

    [Fact]
    public void Fewer_than_three_values_give_no_interval_and_no_test()
    {
        Statistics.Ci95([1, 2]).ShouldBeNull();
        Statistics.PairedTTest([1, 2], [2, 4]).ShouldBeNull();
        Estimate.Of([5.0]).ShouldBe(new Estimate(5, null, 1));
        Estimate.Of([]).ShouldBeNull();
    }

    [Fact]
    public void Paired_t_test_agrees_with_a_worked_example()
    {
        // Differences 2, 1, 3: mean 2, deviation 1, t = 2√3; with 2 degrees of freedom p = 1 − t / √(2 + t²) in closed form.
        Statistics.PairedTTest([3, 5, 7], [1, 4, 4])!.Value.ShouldBe(1 - Math.Sqrt(12.0 / 14), 1e-12);
    }

    [Fact]
    public void Paired_t_test_is_defined_where_all_differences_are_equal()
    {
        Statistics.PairedTTest([1, 2, 3], [1, 2, 3]).ShouldBe(1);
        Statistics.PairedTTest([2, 3, 4], [1, 2, 3]).ShouldBe(0);
    }

    [Fact]
    public void Paired_t_test_says_nothing_about_values_that_are_not_finite() =>
        Statistics.PairedTTest([1, double.NaN, 3], [2, 2, 5]).ShouldBeNull();

    [Fact]
    public void Equal_values_share_the_mean_of_their_ranks_and_nan_is_last()
    {
        Statistics.Ranks([3, 1, 3, double.NaN], higherIsBetter: true).ShouldBe([1.5, 3, 1.5, 4]);
        Statistics.Ranks([3, 1, 3, double.NaN], higherIsBetter: false).ShouldBe([2.5, 1, 2.5, 4]);
    }
}
