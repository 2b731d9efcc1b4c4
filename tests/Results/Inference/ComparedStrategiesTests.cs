using CsCheck;
using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Tests.Results.Inference;

/// <summary>Values worked out by hand.</summary>
public class ComparedStrategiesTests
{
    [Theory]
    [InlineData(new double[] { 8, 1, 7, 2, 6, 3, 5, 4 }, 4.5)] // 3, 4, 5, 6
    [InlineData(new double[] { -100, 1, 2, 3, 50 }, 2)] // a quarter of five is one, rounded down
    [InlineData(new double[] { 1, 2, 6 }, 3)] // and of three none
    [InlineData(new[] { double.NegativeInfinity, 1, 2, 3 }, 1.5)]
    public void The_interquartile_mean_leaves_out_a_quarter_at_either_end(double[] values, double expected) => Statistics.InterquartileMean(values).ShouldBe(expected);

    [Theory]
    [InlineData(new double[] { 1, 3 }, new double[] { 2, 3, 4 }, 1.5 / 6)] // 3 beats 2 and ties with 3
    [InlineData(new double[] { 5, 6 }, new double[] { 1, 2 }, 1)]
    [InlineData(new double[] { 2, 2 }, new double[] { 2, 2 }, 0.5)]
    [InlineData(new[] { double.NegativeInfinity, 1 }, new[] { double.NegativeInfinity, 0 }, 2.5 / 4)]
    public void The_probability_of_improvement_counts_ties_half(double[] x, double[] y, double expected) => new ProbabilityOfImprovement(x, y).Value.ShouldBe(expected);

    [Fact]
    public void The_probability_of_drawn_runs_is_that_of_these_runs() =>
        Gen.Select(Gen.Int[0, 3].Array[5], Gen.Int[0, 3].Array[5], Gen.Int[0, 4].Array[5], Gen.Int[0, 4].Array[5]).Sample((x, y, drawX, drawY) =>
        {
            double[] xs = [.. x], ys = [.. y];
            var drawn = new ProbabilityOfImprovement([.. drawX.Select(run => xs[run])], [.. drawY.Select(run => ys[run])]);
            return Math.Abs(new ProbabilityOfImprovement(xs, ys).Of(drawX, drawY) - drawn.Value) < 1e-12;
        });

    [Fact]
    public void An_interaction_is_tested_against_the_scatter_within_the_seeds()
    {
        // Means 2, 3 and 4, 1: the strategies' are alike, all their variation (8) is the interaction. Residuals are ± 1/2: 2 over 2 degrees of freedom.
        var crossing = TwoWayInteraction.Of([[[1, 3], [2, 4]], [[2, 6], [1, 1]]]);
        crossing.Share.ShouldBe(1, 1e-12);
        crossing.F.ShouldBe(8, 1e-12);
        crossing.Probability!.Value.ShouldBe(1 - (Math.Sqrt(8) / Math.Sqrt(10)), 1e-9); // F of 1 and 2 degrees is the square of Student's t of 2
    }

    [Fact]
    public void Strategies_that_differ_alike_with_every_model_do_not_interact()
    {
        var parallel = TwoWayInteraction.Of([[[1, 2, 3], [11, 12, 13]], [[3, 5, 4], [13, 15, 14]]]);
        parallel.Share.ShouldBe(0, 1e-12);
        parallel.F.ShouldBe(0, 1e-12);
        parallel.Probability!.Value.ShouldBe(1, 1e-9);
        TwoWayInteraction.Of([[[1], [2]], [[2], [1]]]).Probability.ShouldBeNull();
    }

    [Fact]
    public void What_a_seed_does_to_all_strategies_alike_changes_nothing()
    {
        var noisy = TwoWayInteraction.Of([[[101, -97], [2, 4]], [[102, -94], [1, 1]]]);
        noisy.F.ShouldBe(8, 1e-9);
    }
}
