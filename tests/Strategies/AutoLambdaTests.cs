using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class AutoLambdaTests : TensorTest
{
    private static readonly double[] Minima = [1, -2];
    private static readonly double[] ValidationMinima = [3, 1];

    [Theory]
    [InlineData(MetaBatch.Validation)]
    [InlineData(MetaBatch.Training)]
    public void The_slope_is_the_derivative_of_the_meta_batch_s_loss_after_the_step(MetaBatch batch)
    {
        const double rate = 0.1;
        using var tasks = Tasks(rate);
        var strategy = new AutoLambda(new() { Initial = 0.3, LearningRate = 0.01, MetaBatch = batch });
        strategy.Requirements.ShouldBe(batch == MetaBatch.Validation ? StrategyRequirements.ValidationBatch : StrategyRequirements.None);
        strategy.Initialise(tasks);
        tasks.Train(strategy, rate).ShouldBe([0.3, 0.3], 1e-6);
        double[] slope = [Slope(0), Slope(1)];
        slope[0].ShouldBeLessThan(0);
        slope[1].ShouldBeGreaterThan(0);
        // Adam's first step has the length of its rate.
        tasks.Trained.data<float>().ToArray().ShouldBe([0.31f, 0.29f], 1e-4f);

        double Slope(int task)
        {
            const double h = 1e-5;
            double[] more = [0.3, 0.3], less = [0.3, 0.3];
            (more[task], less[task]) = (0.3 + h, 0.3 - h);
            return (AfterStep(more, rate) - AfterStep(less, rate)) / (2 * h);
        }
    }

    [Fact]
    public void Its_size_is_that_of_the_derivative_too()
    {
        // Adam hides the size of a first slope, but not of one near its ε of 1e-8.
        const double rate = 1e-9;
        using var tasks = Tasks(rate);
        var strategy = new AutoLambda(new() { Initial = 0.3, LearningRate = 0.01 });
        strategy.Initialise(tasks);
        tasks.Train(strategy, rate);
        // −α gᵢ · ∇ΣLᵥ at θ = 0: g = (−1, 2), ∇ΣLᵥ = −3 − 1.
        double[] slopes = [-rate * 4, rate * 8];
        var expected = slopes.Select(slope => (float)(0.3 - 0.01 * slope / (Math.Abs(slope) + 1e-8))).ToArray();
        tasks.Trained.data<float>().ToArray().ShouldBe(expected, 1e-5f);
    }

    private static QuadraticTasks Tasks(double rate) =>
        new([1, 1], [.. Minima.Select(minimum => new[] { minimum })], [1, 1])
        {
            LearningRate = rate,
            OwnSample = -1,
            OtherMinima = tensor(ValidationMinima, dtype: ScalarType.Float32).unsqueeze(1),
        };

    /// <summary>Σ Lᵥ after one step from 0.</summary>
    private static double AfterStep(double[] lambda, double rate)
    {
        var theta = rate * lambda.Zip(Minima, (weight, minimum) => weight * minimum).Sum();
        return ValidationMinima.Sum(minimum => (theta - minimum) * (theta - minimum) / 2);
    }
}
