using CsCheck;
using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class MgdaTests : TensorTest
{
    private static readonly double[][] Rows = [[-4, 1, 1], [6, 1, 1]];

    [Fact]
    public void The_direction_is_the_weighted_sum_of_the_gradients()
    {
        using var tasks = QuadraticTasks.WithGradients(Rows, [1, 1]);
        tasks.Train(new Mgda(new MinimumNormOptions())).ShouldBe([0.6, 0.4], 1e-6);
        tasks.SharedGradient().ShouldBe([0, 1, 1], 1e-6);
    }

    [Fact]
    public void The_upper_bound_works_at_the_representation()
    {
        using var tasks = QuadraticTasks.WithGradients(Rows, [1, 1]);
        var strategy = new MgdaUb(new MinimumNormOptions());
        tasks.Train(strategy).ShouldBe([0.6, 0.4], 1e-6);
        strategy.At.ShouldBe(GradientPoint.Representation);
        strategy.Requirements.ShouldBe(StrategyRequirements.SharedSamples);
    }

    [Theory]
    [InlineData(GradientNormalisation.None, StrategyRequirements.None)]
    [InlineData(GradientNormalisation.L2, StrategyRequirements.None)]
    [InlineData(GradientNormalisation.Loss, StrategyRequirements.PositiveLosses)]
    [InlineData(GradientNormalisation.LossPlus, StrategyRequirements.PositiveLosses)]
    public void A_normalisation_finds_the_weights_and_then_leaves_the_gradients_as_they_are(GradientNormalisation normalisation, StrategyRequirements requirements)
    {
        double[] losses = [0.5, 3];
        using var tasks = QuadraticTasks.WithGradients(Rows, losses);
        var strategy = new Mgda(new MinimumNormOptions { Normalisation = normalisation });
        var weights = tasks.Train(strategy);

        double[] scales = normalisation switch
        {
            GradientNormalisation.L2 => [Math.Sqrt(18), Math.Sqrt(38)],
            GradientNormalisation.Loss => losses,
            GradientNormalisation.LossPlus => [0.5 * Math.Sqrt(18), 3 * Math.Sqrt(38)],
            _ => [1, 1],
        };
        double[][] scaled = [.. Rows.Select((row, i) => row.Select(value => value / scales[i]).ToArray())];
        weights.ShouldBe(MinimumNorm.Solve(Gramians.Of(scaled)).Weights, 1e-5);
        tasks.SharedGradient().ShouldBe(Gramians.Combine(Rows, weights), 1e-5);
        strategy.Requirements.ShouldBe(requirements);
        tasks.SolverFailures.ShouldBeEmpty();
    }

    [Fact]
    public void Two_gradients_of_unit_length_balance_along_their_bisector() =>
        Gramians.Jacobians(mostTasks: 2).Where(rows => rows.All(row => Gramians.Norm(row) > 0)).Sample(rows =>
            MinimumNormStrategy.Solve(Gramians.Of(rows), [], new MinimumNormOptions { Normalisation = GradientNormalisation.L2 })
                .Weights.ShouldBe([0.5, 0.5], 1e-9), iter: 300);

    [Fact]
    public void Every_normalisation_stays_on_the_simplex_whatever_the_gramian() =>
        Gen.Select(Gramians.Jacobians(), Gen.Enum<GradientNormalisation>(), Gen.Enum<MinimumNormSolver>(), Gen.Double[1e-6, 1e6])
            .Sample((rows, normalisation, solver, loss) =>
            {
                var losses = rows.Select((_, i) => loss * (i + 1)).ToArray();
                var options = new MinimumNormOptions { Normalisation = normalisation, Solver = solver };
                MinimumNormTests.ShouldBeOnTheSimplex(MinimumNormStrategy.Solve(Gramians.Of(rows), losses, options).Weights);
            }, iter: 500);

    [Fact]
    public void A_solver_that_stops_short_is_reported()
    {
        double[][] rows = [[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0], [0, 0, 0, 4]];
        using var tasks = QuadraticTasks.WithGradients(rows, [1, 1, 1, 1]);
        var weights = tasks.Train(new Mgda(new MinimumNormOptions { Iterations = 2 }));
        weights.Sum().ShouldBe(1, 1e-6);
        tasks.SolverFailures.ShouldHaveSingleItem().ShouldContain("after 2 iterations");
    }
}
