using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class FamoTests : TensorTest
{
    private static readonly double[] Curvatures = [1, 4];
    private static readonly double[] Minima = [3, -1];
    private static readonly double[] Offsets = [0.5, 2];

    [Fact]
    public void Three_steps_are_those_of_a_computation_by_hand()
    {
        const double logitRate = 0.1, decay = 0.01, rate = 0.2;
        using var tasks = new QuadraticTasks(Curvatures, [.. Minima.Select(minimum => new[] { minimum })], Offsets);
        var strategy = new Famo(new() { LearningRate = logitRate, WeightDecay = decay });
        strategy.Initialise(tasks);

        var theta = 0.0;
        double[] xi = [0, 0], m = [0, 0], v = [0, 0];
        for (var t = 1; t <= 3; t++)
        {
            var exponents = xi.Select(Math.Exp).ToArray();
            double[] z = [.. exponents.Select(e => e / exponents.Sum())];
            var before = Losses(theta);
            var c = 1 / (z[0] / before[0] + z[1] / before[1]);
            double[] weights = [c * z[0] / before[0], c * z[1] / before[1]];
            theta -= rate * (weights[0] * Curvatures[0] * (theta - Minima[0]) + weights[1] * Curvatures[1] * (theta - Minima[1]));
            var after = Losses(theta);
            double[] delta = [Math.Log(before[0] / after[0]), Math.Log(before[1] / after[1])];
            for (var i = 0; i < 2; i++)
            {
                // Row i of the softmax's Jacobian: z_i (1{i = j} − z_j).
                var slope = z[i] * (1 - z[i]) * delta[i] - z[i] * z[1 - i] * delta[1 - i] + decay * xi[i];
                m[i] = 0.9 * m[i] + 0.1 * slope;
                v[i] = 0.999 * v[i] + 0.001 * slope * slope;
            }
            for (var i = 0; i < 2; i++)
                xi[i] -= logitRate * (m[i] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, t))) + 1e-8);

            tasks.Train(strategy, rate).ShouldBe(weights, 1e-5);
            tasks.Shared.item<float>().ShouldBe((float)theta, 1e-5f);
            tasks.Trained.data<float>().ToArray().ShouldBe([(float)xi[0], (float)xi[1]], 1e-4f);
        }
        Math.Abs(xi[0]).ShouldBeGreaterThan(0.01);
        tasks.BackwardPasses.ShouldBe(3);
    }

    [Fact]
    public void The_task_whose_log_loss_fell_less_gains_weight()
    {
        using var tasks = new QuadraticTasks([1, 1], [[1, 0], [0, 1]], [0.01, 10]);
        var strategy = new Famo(new());
        strategy.Initialise(tasks);
        for (var step = 0; step < 5; step++)
            tasks.Train(strategy, 0.05);
        var xi = tasks.Trained.data<float>().ToArray();
        xi[1].ShouldBeGreaterThan(xi[0] + 0.1f);
    }

    private static double[] Losses(double theta) =>
        [.. Curvatures.Select((curvature, i) => curvature / 2 * (theta - Minima[i]) * (theta - Minima[i]) + Offsets[i])];
}
