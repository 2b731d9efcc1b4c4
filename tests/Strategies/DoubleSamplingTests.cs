using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class DoubleSamplingTests : TensorTest
{
    // Gradients at θ = 0 on the step's batch and on the first sample, and on the second.
    private static readonly double[][] First = [[3, 1], [-1, 1]];
    private static readonly double[][] Second = [[2, 0], [1, 2]];
    private static readonly double[,] Products = { { 6, 5 }, { -2, 1 } };

    [Fact]
    public void Modo_moves_by_the_products_of_both_samples()
    {
        const double gamma = 0.02, rho = 0.1;
        using var tasks = Tasks();
        var strategy = new MoDo(new() { StepSize = gamma, Regularisation = rho });
        strategy.Initialise(tasks);
        double[] weights = [0.5, 0.5];
        for (var step = 0; step < 3; step++)
        {
            tasks.Train(strategy).ShouldBe(weights, 1e-6);
            tasks.SharedGradient().ShouldBe(Gramians.Combine(First, weights), 1e-5);
            var slope = SmallMatrix.Times(Products, weights);
            double[] moved = [weights[0] - gamma * (slope[0] + rho * weights[0]), weights[1] - gamma * (slope[1] + rho * weights[1])];
            var shift = (moved[0] + moved[1] - 1) / 2; // two weights inside the simplex
            weights = [moved[0] - shift, moved[1] - shift];
        }
        weights[0].ShouldBeLessThan(0.4);
    }

    [Fact]
    public void Sdmgrad_applies_its_weights_and_the_mean()
    {
        const double lambda = 0.5, beta = 0.05;
        using var tasks = Tasks();
        var strategy = new SdmGrad(new() { Lambda = lambda, StepSize = beta, Iterations = 2 });
        strategy.Initialise(tasks);
        double[] w = [0.5, 0.5];
        for (var step = 0; step < 3; step++)
        {
            double[] applied = [(w[0] + lambda / 2) / (1 + lambda), (w[1] + lambda / 2) / (1 + lambda)];
            tasks.Train(strategy).ShouldBe(applied, 1e-6);
            tasks.SharedGradient().ShouldBe(Gramians.Combine(First, applied), 1e-5);
            var square = Math.Pow((Math.Sqrt(6) + 1) / 2, 2);
            for (var iteration = 0; iteration < 2; iteration++)
            {
                var slope = SmallMatrix.Times(Products, [w[0] + lambda / 2, w[1] + lambda / 2]);
                double[] moved = [w[0] - beta * slope[0] / square, w[1] - beta * slope[1] / square];
                var shift = (moved[0] + moved[1] - 1) / 2;
                w = [moved[0] - shift, moved[1] - shift];
            }
        }
        w[0].ShouldBeLessThan(0.4);
    }

    [Fact]
    public void Sdmgrad_without_lambda_and_noise_ends_at_the_least_norm()
    {
        using var tasks = QuadraticTasks.WithGradients([[-4, 1, 1], [6, 1, 1]], [1, 1]);
        var strategy = new SdmGrad(new() { Lambda = 0, StepSize = 0.1, Iterations = 500 });
        strategy.Initialise(tasks);
        tasks.Train(strategy);
        tasks.Train(strategy).ShouldBe([0.6, 0.4], 1e-5);
    }

    private static QuadraticTasks Tasks()
    {
        var tasks = QuadraticTasks.WithGradients(First, [10, 10]);
        tasks.OtherMinima = -stack(Second.Select(row => tensor(row, dtype: ScalarType.Float32)));
        return tasks;
    }
}
