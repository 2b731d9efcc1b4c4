using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class DbMtlTests : TensorTest
{
    [Fact]
    public void Three_steps_are_those_of_a_computation_by_hand()
    {
        double[] curvatures = [1, 3], offsets = [2, 0.5];
        double[][] minima = [[4, 1], [-1, 0.5]];
        const double rate = 0.1, beta = 0.8, decay = 0.5;
        using var tasks = new QuadraticTasks(curvatures, minima, offsets);
        var strategy = new DbMtl(new() { Beta = beta, Decay = decay });
        strategy.Initialise(tasks);

        double[] theta = [0, 0];
        double[][] averages = [[0, 0], [0, 0]];
        for (var t = 1; t <= 3; t++)
        {
            var share = beta / Math.Pow(t, decay);
            for (var i = 0; i < 2; i++)
            {
                double[] away = [.. theta.Zip(minima[i], (at, minimum) => at - minimum)];
                var loss = curvatures[i] / 2 * Gramians.Dot(away, away) + offsets[i];
                averages[i] = [.. averages[i].Zip(away, (average, a) => share * average + (1 - share) * curvatures[i] * a / loss)];
            }
            double[] lengths = [.. averages.Select(Gramians.Norm)];
            double[] weights = [.. lengths.Select(length => lengths.Max() / length)];
            var direction = Gramians.Combine(averages, weights);
            theta = [.. theta.Zip(direction, (at, d) => at - rate * d)];
            tasks.Train(strategy, rate).ShouldBe(weights, 1e-4);
            tasks.SharedGradient().ShouldBe(direction, 1e-5);
        }
    }

    [Fact]
    public void Every_task_enters_at_the_length_of_the_longest()
    {
        using var tasks = QuadraticTasks.WithGradients([[3, 0, 0], [0, 0.01, 0], [0, 0, 0]], [1, 1, 1]);
        var strategy = new DbMtl(new() { Beta = 0 });
        strategy.Initialise(tasks);
        tasks.Train(strategy).ShouldBe([1, 300, 0], 0.1);
        tasks.SharedGradient().ShouldBe([3, 3, 0], 1e-3);
    }
}
