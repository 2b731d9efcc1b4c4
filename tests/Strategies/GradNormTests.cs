using CsCheck;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class GradNormTests : TensorTest
{
    [Fact]
    public void Equal_weights_come_first_and_move_the_shared_parameters_in_one_backward_pass()
    {
        using var tasks = Tasks();
        var strategy = Attached(tasks);
        var gradients = tasks.Gradients();
        tasks.Train(strategy).ShouldBe([1, 1, 1]);
        tasks.SharedGradient().ShouldBe(Gramians.Combine(gradients, [1, 1, 1]), 1e-5);
        tasks.BackwardPasses.ShouldBe(1);
    }

    [Fact]
    public void The_slope_is_the_derivative_of_the_papers_loss_with_the_target_held()
    {
        Gen.Select(Gen.Double[0.1, 3].Array[4], Gen.Double[1e-3, 1e3].Array[4], Gen.Double[0.1, 2].Array[4], Gen.Double[0, 3])
            .Sample((weights, norms, ratios, alpha) =>
            {
                using var scope = NewDisposeScope();
                var slope = GradNorm.Slope(tensor(weights), tensor(norms), tensor(ratios), alpha).data<double>().ToArray();
                var targets = Targets(weights, norms, ratios, alpha);
                for (var i = 0; i < weights.Length; i++)
                {
                    var distance = Math.Abs(weights[i] * norms[i] - targets[i]) / norms[i];
                    var h = Math.Min(1e-4, distance / 2);
                    if (h < 1e-7)
                        continue; // at the kink there is no derivative
                    var difference = (PaperLoss(Moved(weights, i, h), norms, targets) - PaperLoss(Moved(weights, i, -h), norms, targets)) / (2 * h);
                    slope[i].ShouldBe(difference, 1e-4 * norms.Max());
                }
            }, iter: 300);
    }

    [Theory]
    [InlineData(0, new[] { -1.0, 1 })]   // targets 1.5, 1.5
    [InlineData(1, new[] { -1.0, 1 })]   // targets 0.75, 2.25
    [InlineData(1.5, new[] { 1.0, -1 })] // targets 0.53, 2.756
    public void Alpha_pulls_towards_a_common_rate(double alpha, double[] signs)
    {
        using var scope = NewDisposeScope();
        // w n = (0.6, 2.4), mean 1.5; loss ratios (1, 3) give r = (0.5, 1.5).
        var slope = GradNorm.Slope(tensor([0.3, 1.2]), tensor([2.0, 2.0]), tensor([1.0, 3.0]), alpha);
        slope.data<double>().ToArray().ShouldBe([2 * signs[0], 2 * signs[1]]);
    }

    [Theory]
    [InlineData(0.025)]
    [InlineData(2)]
    public void Weights_stay_positive_and_sum_to_the_number_of_tasks(double learningRate)
    {
        using var tasks = Tasks();
        var strategy = Attached(tasks, new GradNormOptions { LearningRate = learningRate });
        for (var step = 0; step < 50; step++)
        {
            tasks.Train(strategy, learningRate: 0.01);
            var weights = tasks.Trained.data<float>().ToArray();
            weights.ShouldAllBe(weight => weight > 0);
            weights.Sum().ShouldBe(3, 1e-5);
        }
    }

    [Fact]
    public void Weighted_norms_come_together_where_alpha_is_zero()
    {
        using var tasks = Tasks();
        var strategy = Attached(tasks, new GradNormOptions { Alpha = 0, LearningRate = 0.002 });
        double[] weights = [];
        for (var step = 0; step < 3000; step++)
            weights = tasks.Train(strategy);
        var weighted = tasks.Gradients().Select((row, i) => weights[i] * Gramians.Norm(row)).ToArray();
        weighted.Max().ShouldBeLessThan(1.1 * weighted.Min());
    }

    [Fact]
    public void Reported_weights_do_not_change_with_the_step_that_follows()
    {
        using var tasks = Tasks();
        var strategy = Attached(tasks);
        tasks.Train(strategy);
        var trained = tasks.Trained.to(ScalarType.Float64).data<double>().ToArray();
        trained.ShouldNotBe([1, 1, 1]);
        tasks.Train(strategy).ShouldBe(trained);
    }

    [Fact]
    public void Initial_losses_are_those_of_the_first_batch()
    {
        using var tasks = Tasks();
        var strategy = Attached(tasks);
        tasks.Train(strategy, learningRate: 0.1);
        tasks.Train(strategy, learningRate: 0.1);
        tasks.Buffers["initial-losses"].data<float>().ToArray().ShouldBe([2, 3, 4], 1e-5);
    }

    [Fact]
    public void Initial_losses_of_classifications_may_be_those_of_a_guess()
    {
        using var tasks = Tasks();
        tasks.Train(Attached(tasks, new GradNormOptions { InitialLoss = InitialLoss.LogK }));
        tasks.Buffers["initial-losses"].data<float>().ToArray().ShouldBe([MathF.Log(10), 3, 4], 1e-5);
    }

    [Fact]
    public void The_softmax_form_of_lib_mtl_has_the_gradient_that_autograd_gives()
    {
        using var tasks = Tasks();
        var strategy = Attached(tasks, new GradNormOptions { Weights = GradNormWeights.LibMtl, LearningRate = 0.3 });
        tasks.Train(strategy);
        tasks.Train(strategy, learningRate: 0.1);

        using var learnt = tasks.Trained.detach().clone().requires_grad_();
        var before = tasks.Trained.detach().clone();
        var norms = tasks.Gradients().Select(Gramians.Norm).ToArray();
        var weights = tasks.Train(strategy);
        weights.Sum().ShouldBe(3, 1e-5);
        weights.ShouldBe((3 * nn.functional.softmax(before, 0)).to(ScalarType.Float64).data<double>().ToArray(), 1e-6);

        var ratios = stack(tasks.Losses).detach() / tasks.Buffers["initial-losses"];
        var targets = Targets(weights, norms, ratios.to(ScalarType.Float64).data<double>().ToArray(), 1.5);
        (3 * nn.functional.softmax(learnt, 0) * tensor(norms) - tensor(targets)).abs().sum().backward();
        tasks.TrainedGradient!.data<float>().ToArray().ShouldBe(learnt.grad!.data<float>().ToArray(), 1e-4);
    }

    private static QuadraticTasks Tasks() => QuadraticTasks.WithGradients([[1, 0, 0.5], [-2, 4, 0], [0, 0.1, 0.1]], [2, 3, 4]);

    private static GradNorm Attached(QuadraticTasks tasks, GradNormOptions? options = null)
    {
        var strategy = new GradNorm(options ?? new GradNormOptions());
        strategy.Initialise(tasks);
        return strategy;
    }

    private static double[] Targets(double[] weights, double[] norms, double[] ratios, double alpha)
    {
        var mean = weights.Zip(norms, (w, n) => w * n).Average();
        return [.. ratios.Select(ratio => mean * Math.Pow(ratio / ratios.Average(), alpha))];
    }

    private static double PaperLoss(double[] weights, double[] norms, double[] targets) =>
        weights.Select((weight, i) => Math.Abs(weight * norms[i] - targets[i])).Sum();

    private static double[] Moved(double[] values, int at, double by) => [.. values.Select((value, i) => i == at ? value + by : value)];
}
