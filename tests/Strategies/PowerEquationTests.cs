using CsCheck;
using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

/// <summary>Nash-MTL, FairGrad and the equation they share.</summary>
public class PowerEquationTests : TensorTest
{
    private static readonly double[][] Rows = [[-4, 1, 1], [6, 1, 1]];

    [Fact]
    public void Two_gradients_have_the_weights_of_the_reference()
    {
        FairGrad.Weights(Gramians.Of(Rows), alpha: 1).ShouldBe([0.5915, 0.4071], 1e-4);
        Gramians.Combine(Rows, NashMtl.Weights(Gramians.Of(Rows), maxNorm: 1)).ShouldBe([0.0542, 0.7061, 0.7061], 1e-4);
    }

    [Fact]
    public void Nash_weights_are_inverse_to_their_products() =>
        Gramians.Agreeing().Sample(rows => ShouldSolve(rows, NashMtl.Weights(Gramians.Of(rows), maxNorm: 0), power: 1), iter: 500);

    [Theory]
    [InlineData(0.5)]
    [InlineData(2)]
    [InlineData(5)]
    public void FairGrad_weights_are_a_power_of_their_products(double alpha) =>
        Gramians.Agreeing().Sample(rows => ShouldSolve(rows, FairGrad.Weights(Gramians.Of(rows), alpha), 1 / alpha), iter: 300);

    [Fact]
    public void Fairness_of_one_is_the_nash_solution() =>
        FairGrad.Weights(Gramians.Of(Rows), 1).ShouldBe(NashMtl.Weights(Gramians.Of(Rows), 0));

    [Fact]
    public void Two_tasks_have_the_closed_form() =>
        Gramians.Agreeing(mostTasks: 2).Sample(rows =>
        {
            var (first, second) = (Gramians.Norm(rows[0]), Gramians.Norm(rows[1]));
            var root = Math.Sqrt(1 + Gramians.Dot(rows[0], rows[1]) / first / second);
            var weights = NashMtl.Weights(Gramians.Of(rows), 0);
            (weights[0] * first * root).ShouldBe(1, 1e-8);
            (weights[1] * second * root).ShouldBe(1, 1e-8);
        }, iter: 300);

    [Fact]
    public void The_largest_norm_shortens_and_never_stretches()
    {
        Gramians.Norm(Gramians.Combine(Rows, NashMtl.Weights(Gramians.Of(Rows), 0))).ShouldBe(Math.Sqrt(2), 1e-12);
        Gramians.Norm(Gramians.Combine(Rows, NashMtl.Weights(Gramians.Of(Rows), 0.1))).ShouldBe(0.1, 1e-12);
        NashMtl.Weights(Gramians.Of(Rows), 2).ShouldBe(NashMtl.Weights(Gramians.Of(Rows), 0));
    }

    [Fact]
    public void Gradients_that_cancel_are_reported_and_still_weighed()
    {
        using var tasks = QuadraticTasks.WithGradients([[1, 0], [-2, 0]], [1, 1]);
        tasks.Train(new NashMtl(new NashMtlOptions())).ShouldBe([1, 0.5], 1e-6);
        tasks.Train(new FairGrad(new FairGradOptions { Alpha = 2 })).ShouldAllBe(weight => weight > 0 && weight < 1000);
        tasks.SharedGradient()[0].ShouldBe(0, 1e-3);
        tasks.SolverFailures.Count.ShouldBe(2);
        tasks.SolverFailures.ShouldAllBe(reason => reason.Contains("residual 1;"));
    }

    [Fact]
    public void A_solved_equation_is_not_reported()
    {
        using var tasks = QuadraticTasks.WithGradients(Rows, [1, 1]);
        tasks.Train(new NashMtl(new NashMtlOptions()));
        tasks.Train(new FairGrad(new FairGradOptions()));
        tasks.SolverFailures.ShouldBeEmpty();
    }

    [Fact]
    public void A_gradient_of_no_length_leaves_the_others_as_they_are() =>
        NashMtl.Weights(Gramians.Of([Rows[0], [0, 0, 0], Rows[1]]), 0)
            .ShouldBe([.. NashMtl.Weights(Gramians.Of(Rows), 0).SelectMany((weight, i) => i == 0 ? [weight, 0] : new[] { weight })], 1e-15);

    private static void ShouldSolve(double[][] rows, double[] weights, double power)
    {
        var direction = Gramians.Combine(rows, weights);
        for (var i = 0; i < rows.Length; i++)
            (Gramians.Dot(rows[i], direction) * Math.Pow(weights[i], power)).ShouldBe(1, 1e-8);
    }
}
