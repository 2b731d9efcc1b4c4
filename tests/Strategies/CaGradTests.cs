using CsCheck;
using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class CaGradTests : TensorTest
{
    private static readonly double[][] Rows = [[-4, 1, 1], [6, 1, 1]];

    [Theory]
    [InlineData(CaGradRescale.None, 1)]
    [InlineData(CaGradRescale.OnePlusCSquared, 1.25)]
    [InlineData(CaGradRescale.OnePlusC, 1.5)]
    public void Two_gradients_have_the_weights_of_the_reference(CaGradRescale rescale, double divisor)
    {
        using var tasks = QuadraticTasks.WithGradients(Rows, [1, 1]);
        tasks.Train(new CaGrad(new CaGradOptions { C = 0.5, Rescale = rescale })).ShouldBe([0.7041 / divisor, 0.5 / divisor], 1e-4);
        tasks.SolverFailures.ShouldBeEmpty();
    }

    [Fact]
    public void The_inner_weights_are_optimal_on_the_simplex() =>
        Gen.Select(Gramians.Scaled(), Gen.Double[0.05, 3]).Sample((rows, radius) =>
        {
            var solution = ConflictAverse.Solve(Gramians.Of(rows), radius);
            MinimumNormTests.ShouldBeOnTheSimplex(solution.Weights);
            var mean = Mean(rows);
            var combined = Gramians.Combine(rows, solution.Weights);
            if (solution.Stationary)
            {
                Gramians.Norm(combined).ShouldBeLessThan(1e-6 * rows.Max(Gramians.Norm));
                return;
            }
            solution.Gap.ShouldBeLessThan(1e-8);
            var unit = radius * Gramians.Norm(mean);
            double[] direction = [.. mean.Zip(combined, (m, g) => m + unit * g / Gramians.Norm(combined))];
            var inner = rows.Select(row => Gramians.Dot(row, direction)).ToArray();
            (Gramians.Dot(inner, solution.Weights) - inner.Min()).ShouldBeLessThan(1e-8 * unit * rows.Max(Gramians.Norm));
        }, iter: 300);

    [Fact]
    public void The_direction_is_at_the_allowed_distance_of_the_mean() =>
        Gen.Select(Gramians.Agreeing(), Gen.Double[0.05, 3]).Sample((rows, radius) =>
        {
            var direction = Gramians.Combine(rows, CaGrad.Weights(Gramians.Of(rows), new CaGradOptions { C = radius }));
            var mean = Mean(rows);
            double[] difference = [.. direction.Zip(mean, (d, m) => d - m)];
            (Gramians.Norm(difference) / (radius * Gramians.Norm(mean))).ShouldBe(1, 1e-8);
        }, iter: 300);

    [Fact]
    public void No_direction_within_the_distance_serves_the_worst_task_better() =>
        Gen.Select(Gramians.WellConditioned(mostTasks: 5), Gen.Double[0.1, 1.5]).Sample((rows, radius) =>
        {
            var mean = Mean(rows);
            var direction = Gramians.Combine(rows, CaGrad.Weights(Gramians.Of(rows), new CaGradOptions { C = radius }));
            var random = new Random(rows.Length);
            for (var trial = 0; trial < 200; trial++)
            {
                var near = direction.Select(value => value + 0.1 * Gramians.Norm(direction) * (random.NextDouble() - 0.5)).ToArray();
                var offset = near.Zip(mean, (d, m) => d - m).ToArray();
                var within = Gramians.Times(offset, radius * Gramians.Norm(mean) / Gramians.Norm(offset)).Zip(mean, (o, m) => m + o).ToArray();
                Worst(rows, within).ShouldBeLessThanOrEqualTo(Worst(rows, direction) + 1e-9 * Gramians.Norm(mean) * Gramians.Norm(rows[0]));
            }
        }, iter: 100);

    [Fact]
    public void No_distance_is_the_mean() =>
        CaGrad.Weights(Gramians.Of(Rows), new CaGradOptions { C = 0 }).ShouldBe([0.5, 0.5]);

    [Theory]
    [InlineData(0.4, 0.2)]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    public void Pareto_stationary_gradients_keep_what_the_distance_leaves_of_the_mean(double c, double weight) =>
        CaGrad.Weights(Gramians.Of([[1, 0], [-1, 0], [0, 1]]), new CaGradOptions { C = c }).ShouldBe([weight, weight, weight], 1e-9);

    private static double Worst(double[][] rows, double[] direction) => rows.Min(row => Gramians.Dot(row, direction));

    private static double[] Mean(double[][] rows) => Gramians.Combine(rows, [.. rows.Select(_ => 1.0 / rows.Length)]);
}
