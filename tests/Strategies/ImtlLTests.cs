using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class ImtlLTests : TensorTest
{
    [Fact]
    public void Scaled_losses_become_one()
    {
        double[] losses = [0.2, 1, 8];
        using var tasks = QuadraticTasks.WithGradients([[1, 0], [0, 1], [1, 1]], losses);
        var strategy = new ImtlL(new() { LearningRate = 0.05 });
        strategy.Initialise(tasks);
        tasks.Train(strategy).ShouldBe([1, 1, 1]);
        double[] weights = [];
        for (var step = 0; step < 1500; step++)
            weights = tasks.Train(strategy);
        weights.ShouldBe([.. losses.Select(loss => 1 / loss)], 1e-2);
        tasks.Trained.data<float>().ToArray().Select(s => (double)s).ToArray().ShouldBe([.. losses.Select(loss => -Math.Log(loss))], 1e-2);
    }

    [Fact]
    public void The_first_step_of_s_is_down_where_the_loss_is_above_one_and_up_where_it_is_below()
    {
        using var tasks = QuadraticTasks.WithGradients([[1, 0], [0, 1]], [3, 0.5]);
        var strategy = new ImtlL(new() { LearningRate = 0.1 });
        strategy.Initialise(tasks);
        tasks.Train(strategy);
        tasks.Trained.data<float>().ToArray().ShouldBe([-0.1f, 0.1f], 1e-5f); // Adam's first step has the length of its rate
    }
}
