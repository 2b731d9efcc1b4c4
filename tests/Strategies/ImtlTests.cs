using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class ImtlTests : TensorTest
{
    private static readonly double[][] Rows = [[3, 0], [0.6, 0.8]];

    [Fact]
    public void Second_step_balances_the_gradients_of_the_scaled_losses()
    {
        using var tasks = QuadraticTasks.WithGradients(Rows, [2, 0.5]);
        var strategy = new Imtl(new() { LearningRate = 0.1 });
        strategy.Initialise(tasks);
        // Lengths 3 and 1, equal projections: α ∝ 1/3 and 1.
        tasks.Train(strategy).ShouldBe([0.25, 0.75], 1e-6);
        tasks.TrainedGradient!.data<float>().ToArray().ShouldBe([1f, -0.5f], 1e-6f); // e^s L − 1
        double[] s = [-0.1, 0.1]; // Adam's first step has the length of its rate
        double[] inverse = [1 / (3 * Math.Exp(s[0])), 1 / Math.Exp(s[1])];
        double[] alpha = [.. inverse.Select(value => value / inverse.Sum())];
        tasks.Train(strategy).ShouldBe(alpha, 1e-5);
        var scaled = Gramians.Combine(Rows, [.. alpha.Select((value, i) => value * Math.Exp(s[i]))]);
        tasks.SharedGradient().ShouldBe(scaled, 1e-5);
        tasks.SolverFailures.ShouldBeEmpty();
    }

    [Fact]
    public void Scaled_losses_become_one()
    {
        double[] losses = [0.2, 1, 8];
        using var tasks = QuadraticTasks.WithGradients([[1, 0], [0, 1], [1, 1]], losses);
        var strategy = new Imtl(new() { LearningRate = 0.05 });
        strategy.Initialise(tasks);
        for (var step = 0; step < 1500; step++)
            tasks.Train(strategy);
        tasks.Trained.data<float>().ToArray().Select(s => (double)s).ToArray().ShouldBe([.. losses.Select(loss => -Math.Log(loss))], 1e-2);
    }

    [Fact]
    public void It_requires_positive_losses() => new Imtl(new()).Requirements.ShouldBe(StrategyRequirements.PositiveLosses);

    [Fact]
    public void Gradients_that_cancel_are_reported()
    {
        using var tasks = QuadraticTasks.WithGradients([[1, 0], [-2, 0]], [1, 1]);
        var strategy = new Imtl(new());
        strategy.Initialise(tasks);
        tasks.Train(strategy).ShouldBe([0, 0]);
        tasks.SolverFailures.ShouldHaveSingleItem().ShouldContain("residual 1");
    }
}
