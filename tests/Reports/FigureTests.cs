using KdMtlBench.Host.Reports;
using KdMtlBench.Host.Reports.Figures;

namespace KdMtlBench.Tests.Reports;

public class FigureTests
{
    [Fact]
    public void Bars_join_the_longest_runs_of_places_nearer_than_the_critical_difference() =>
        RankFigure.NotTold([1, 1.5, 2.4, 4, 4.2], 1.5).ShouldBe([(0, 2), (3, 4)]);

    [Fact]
    public void A_bar_within_another_is_not_drawn() => RankFigure.NotTold([1, 2, 3, 4], 2.5).ShouldBe([(0, 2), (1, 3)]);

    [Fact]
    public void Places_farther_apart_have_no_bar() => RankFigure.NotTold([1, 2, 3], 1).ShouldBeEmpty();

    [Fact]
    public void A_series_is_mean_least_and_most_of_each_epoch_without_what_is_not_finite()
    {
        var series = Series.Of([(1, 3), (2, double.NaN), (1, 5), (3, 7), (2, double.NaN)]);
        series.Epochs.ShouldBe([1, 3]);
        series.Mean.ShouldBe([4, 7]);
        series.Least.ShouldBe([3, 7]);
        series.Most.ShouldBe([5, 7]);
    }

    [Fact]
    public void Of_a_long_series_every_few_epochs_are_kept_and_the_last()
    {
        var series = Series.Of(Enumerable.Range(1, 1000).Select(epoch => (epoch, (double)epoch)));
        series.Epochs.Length.ShouldBeInRange(100, 121);
        series.Epochs[^1].ShouldBe(1000);
        series.Mean.ShouldBe(series.Epochs);
    }

    [Fact]
    public void No_two_of_500_strategies_have_the_same_colour() =>
        Enumerable.Range(0, 500).Select(i => Ink.Of(i, $"{i}", i < Ink.Colours ? i : -1).Colour.ToHex()).Distinct().Count().ShouldBe(500);
}
