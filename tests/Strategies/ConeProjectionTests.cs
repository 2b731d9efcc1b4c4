using CsCheck;
using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

/// <summary>UPGrad, DualProj and the projection they share.</summary>
public class ConeProjectionTests : TensorTest
{
    private static readonly double[][] Rows = [[-4, 1, 1], [6, 1, 1]];

    [Fact]
    public void Two_gradients_have_the_weights_of_the_reference()
    {
        UpGrad.Weights(Gramians.Of(Rows)).ShouldBe([1.1111, 0.7895], 1e-4);
        DualProj.Weights(Gramians.Of(Rows)).ShouldBe([0.5 + 2.0 / 18, 0.5], 1e-11);
    }

    [Fact]
    public void The_sum_is_the_mean_times_the_number_of_tasks()
    {
        using var tasks = QuadraticTasks.WithGradients(Rows, [1, 1]);
        tasks.Train(new UpGrad(new UpGradOptions())).ShouldBe([1.1111, 0.7895], 1e-4);
        tasks.Train(new UpGrad(new UpGradOptions { Reduction = UpGradReduction.Sum })).ShouldBe([2.2222, 1.5789], 1e-4);
        tasks.Train(new DualProj(new DualProjOptions())).ShouldBe([0.6111, 0.5], 1e-4);
        tasks.Train(new DualProj(new DualProjOptions { Reduction = DualProjReduction.Sum })).ShouldBe([1.2222, 1], 1e-4);
        tasks.SolverFailures.ShouldBeEmpty();
    }

    [Fact]
    public void Projections_satisfy_kkt_whatever_the_rank() =>
        Gramians.Scaled().Sample(rows =>
        {
            var gramian = Gramians.Of(rows);
            foreach (var (combination, projection) in UpGrad.Projections(gramian).Select((projection, i) => (Unit(rows.Length, i), projection))
                         .Append((Even(rows.Length), ConeProjection.Solve(gramian, Even(rows.Length)))))
            {
                projection.Gap.ShouldBeLessThan(1e-8);
                ShouldSatisfyKkt(gramian, combination, projection.Weights, 1e-8);
            }
        }, iter: 300);

    [Fact]
    public void No_multiplier_of_another_active_set_gives_a_nearer_point() =>
        Gramians.WellConditioned(mostTasks: 6).Sample(rows =>
        {
            var gramian = Gramians.Of(rows);
            var solved = Square(gramian, ConeProjection.Solve(gramian, Even(rows.Length)).Weights);
            var random = new Random(rows.Length);
            foreach (var trial in Enumerable.Range(0, 200))
            {
                var weights = Even(rows.Length).Select(weight => weight + Math.Max(0, random.NextDouble() - 0.5)).ToArray();
                Square(gramian, weights).ShouldBeGreaterThanOrEqualTo(solved * (1 - 1e-9), $"trial {trial}");
            }
        }, iter: 100);

    [Fact]
    public void Gradients_without_conflict_are_left_alone()
    {
        UpGrad.Weights(Gramians.Of([[1, 0], [1, 1]])).ShouldBe([0.5, 0.5], 1e-15);
        DualProj.Weights(Gramians.Of([[1, 0], [1, 1]])).ShouldBe([0.5, 0.5], 1e-15);
    }

    [Fact]
    public void Opposite_gradients_cancel() =>
        Gramians.Combine([[1, 0], [-2, 0]], DualProj.Weights(Gramians.Of([[1, 0], [-2, 0]]))).ShouldBe([0, 0], 1e-11);

    [Fact]
    public void A_projection_that_stops_short_says_so()
    {
        var gramian = Gramians.Of([[1, -1, 0], [-1, 0.1, 0.2], [0, -1, -1]]);
        ConeProjection.Solve(gramian, [1, 1, 1], iterations: 0).Converged.ShouldBeFalse();
        ConeProjection.Solve(gramian, [1, 1, 1]).Converged.ShouldBeTrue();
    }

    /// <summary>w ≥ u, gᵢ·d ≥ 0, and gᵢ·d = 0 where wᵢ &gt; uᵢ, each against the largest it could be.</summary>
    private static void ShouldSatisfyKkt(double[,] gramian, double[] combination, double[] weights, double tolerance)
    {
        var norms = weights.Select((_, i) => Math.Sqrt(gramian[i, i])).ToArray();
        var reach = Gramians.Dot(weights, norms);
        for (var i = 0; i < weights.Length; i++)
        {
            var product = weights.Select((weight, j) => weight * gramian[i, j]).Sum() / reach;
            var multiplier = weights[i] - combination[i];
            multiplier.ShouldBeGreaterThanOrEqualTo(0);
            product.ShouldBeGreaterThanOrEqualTo(-tolerance * norms[i]);
            (product * multiplier).ShouldBeLessThanOrEqualTo(tolerance * reach);
        }
    }

    private static double Square(double[,] gramian, double[] weights) =>
        weights.Select((left, i) => weights.Select((right, j) => left * right * gramian[i, j]).Sum()).Sum();

    private static double[] Unit(int count, int entry) => [.. Enumerable.Range(0, count).Select(i => i == entry ? 1.0 : 0)];

    private static double[] Even(int count) => [.. Enumerable.Repeat(1.0 / count, count)];
}
