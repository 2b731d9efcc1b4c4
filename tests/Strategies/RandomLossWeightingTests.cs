using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class RandomLossWeightingTests : TensorTest
{
    private static readonly double[][] Rows = [[1, 0], [0, 1], [1, 1]];

    [Theory]
    [InlineData(RandomWeightSum.One, 1)]
    [InlineData(RandomWeightSum.Tasks, 3)]
    public void Weights_are_new_every_step_and_have_the_sum_that_is_asked_for(RandomWeightSum sum, double expected)
    {
        using var tasks = QuadraticTasks.WithGradients(Rows, [1, 2, 3]);
        var strategy = new RandomLossWeighting(new() { Sum = sum });
        var (first, second) = (tasks.Train(strategy), tasks.Train(strategy));
        first.Sum().ShouldBe(expected, 1e-5);
        first.ShouldAllBe(weight => weight > 0);
        first.ShouldNotBe(second);
        tasks.SharedGradient().ShouldBe(Gramians.Combine(Rows, second), 1e-5);
    }

    [Fact]
    public void Log_ratios_are_normal_with_mean_zero_and_variance_two()
    {
        using var tasks = QuadraticTasks.WithGradients(Rows, [1, 2, 3]);
        var strategy = new RandomLossWeighting(new());
        var draws = Enumerable.Range(0, 4000).Select(_ => tasks.Train(strategy)).ToArray();
        for (var task = 0; task < 3; task++)
            draws.Average(weights => weights[task]).ShouldBe(1.0 / 3, 0.015);
        var ratios = draws.Select(weights => Math.Log(weights[0] / weights[1])).ToArray();
        ratios.Average().ShouldBe(0, 0.1);
        ratios.Average(ratio => ratio * ratio).ShouldBe(2, 0.2);
        (ratios.Count(ratio => Math.Abs(ratio) < Math.Sqrt(2)) / 4000.0).ShouldBe(0.6827, 0.03);
    }
}
