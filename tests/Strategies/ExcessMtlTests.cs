using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class ExcessMtlTests : TensorTest
{
    [Fact]
    public void Three_steps_are_those_of_a_computation_by_hand()
    {
        double[] curvatures = [1, 3], minima = [4, -1];
        const double rate = 0.1, eta = 0.5;
        using var tasks = new QuadraticTasks(curvatures, [.. minima.Select(minimum => new[] { minimum })], [1, 1]);
        var strategy = new ExcessMtl(new() { StepSize = eta });
        strategy.Initialise(tasks);

        var theta = 0.0;
        double[] squares = [0, 0], initial = [0, 0], weights = [1, 1];
        for (var step = 0; step < 3; step++)
        {
            double[] gradients = [.. curvatures.Select((c, i) => c * (theta - minima[i]))];
            squares = [.. squares.Zip(gradients, (sum, g) => sum + g * g)];
            double[] risks = [.. gradients.Select((g, i) => g * g / Math.Sqrt(squares[i] + 1e-7))];
            if (step == 0)
                initial = risks;
            else
                weights = [.. weights.Select((w, i) => w * Math.Exp(eta * risks[i] / initial[i]))];
            weights = [.. weights.Select(w => 2 * w / weights.Sum())];
            theta -= rate * (weights[0] * gradients[0] + weights[1] * gradients[1]);
            tasks.Train(strategy, rate).ShouldBe(weights, 1e-5);
            tasks.Shared.item<float>().ShouldBe((float)theta, 1e-5f);
        }
        Math.Abs(weights[0] - weights[1]).ShouldBeGreaterThan(0.05);
    }
}
