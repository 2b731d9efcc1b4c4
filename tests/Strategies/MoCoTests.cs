using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class MoCoTests : TensorTest
{
    private static readonly double[][] Rows = [[3, 1], [-1, 2]];
    private static readonly double[] Losses = [6, 7];

    [Theory]
    [InlineData(MoCoForm.Paper)]
    [InlineData(MoCoForm.LibMtl)]
    public void Three_steps_are_those_of_a_computation_by_hand(MoCoForm form)
    {
        const double beta = 0.5, gamma = 0.05, rho = 0.1;
        using var tasks = QuadraticTasks.WithGradients(Rows, Losses);
        var strategy = new MoCo(new() { Beta = beta, Gamma = gamma, Regularisation = rho, Form = form });
        strategy.Initialise(tasks);
        double[][] y = [[0, 0], [0, 0]];
        double[] weights = [0.5, 0.5];
        for (var t = 1; t <= 3; t++)
        {
            for (var i = 0; i < 2; i++)
            {
                var scale = form == MoCoForm.LibMtl ? Losses[i] / Gramians.Norm(Rows[i]) : 1;
                y[i] = [.. y[i].Zip(Rows[i], (tracked, g) => tracked - beta / Math.Sqrt(t) * (tracked - scale * g))];
            }
            var slope = SmallMatrix.Times(Gramians.Of(y), weights);
            double[] moved = [.. weights.Select((w, i) => w - gamma / Math.Sqrt(t) * (slope[i] + rho * w))];
            var (first, second) = (Math.Exp(moved[0]), Math.Exp(moved[1]));
            var shift = (moved[0] + moved[1] - 1) / 2;
            weights = form == MoCoForm.LibMtl ? [first / (first + second), second / (first + second)] : [moved[0] - shift, moved[1] - shift];
            tasks.Train(strategy).ShouldBe(weights, 1e-5);
            tasks.SharedGradient().ShouldBe(Gramians.Combine(y, weights), 1e-4);
        }
        Math.Abs(weights[0] - weights[1]).ShouldBeGreaterThan(0.02);
    }

    [Fact]
    public void What_is_tracked_becomes_the_gradient_and_the_weights_those_of_least_norm()
    {
        using var tasks = QuadraticTasks.WithGradients([[-4, 1, 1], [6, 1, 1]], [1, 1]);
        var strategy = new MoCo(new());
        strategy.Initialise(tasks);
        double[] weights = [];
        for (var step = 0; step < 500; step++)
            weights = tasks.Train(strategy);
        weights.ShouldBe([0.6, 0.4], 1e-3);
        tasks.SharedGradient().ShouldBe([0, 1, 1], 1e-2);
    }
}
