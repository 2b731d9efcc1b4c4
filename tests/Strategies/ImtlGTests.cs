using CsCheck;
using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class ImtlGTests : TensorTest
{
    private static readonly double[][] Rows = [[-4, 1, 1], [6, 1, 1]];

    [Fact]
    public void Two_gradients_have_the_weights_of_the_reference() =>
        Weights(Rows).ShouldBe([0.5923, 0.4077], 1e-4);

    [Fact]
    public void Projections_on_all_gradients_are_equal_and_weights_sum_to_one() =>
        Gramians.Scaled(mayBeDependent: false).Sample(rows => ShouldBeImpartial(rows, Weights(rows, 1e-12)), iter: 500);

    [Fact]
    public void Dependent_gradients_with_an_impartial_direction_get_one() =>
        Gen.Select(Gen.Int[3, 40], Gen.Int[2, 6], Gen.Int[0, int.MaxValue]).Sample((count, rank, seed) =>
        {
            var random = new Random(seed);
            var rows = Enumerable.Range(0, count).Select(_ => WithFirstEntryHalf(rank, random)).ToArray();
            ShouldBeImpartial(rows, Weights(rows, 1e-9));
        }, iter: 300);

    [Fact]
    public void Gradients_that_cancel_have_no_weight_and_are_reported()
    {
        using var tasks = QuadraticTasks.WithGradients([[1, 0], [-2, 0]], [1, 1]);
        tasks.Train(new ImtlG(new ImtlGOptions())).ShouldBe([0, 0]);
        tasks.SolverFailures.ShouldHaveSingleItem().ShouldContain("residual 1");
    }

    [Fact]
    public void A_direction_that_exists_is_not_reported()
    {
        using var tasks = QuadraticTasks.WithGradients(Rows, [1, 1]);
        tasks.Train(new ImtlG(new ImtlGOptions())).ShouldBe([0.5923, 0.4077], 1e-4);
        tasks.SolverFailures.ShouldBeEmpty();
    }

    private static double[] Weights(double[][] rows, double rankTolerance = 1e-6) =>
        EqualProjections.Solve(Gramians.Of(rows), rankTolerance).SummingToOne();

    private static void ShouldBeImpartial(double[][] rows, double[] weights)
    {
        weights.Sum().ShouldBe(1, 1e-8 * weights.Sum(Math.Abs));
        var direction = Gramians.Combine(rows, weights);
        var projections = rows.Select(row => Gramians.Dot(row, direction) / Gramians.Norm(row)).ToArray();
        (projections.Max() - projections.Min()).ShouldBeLessThan(1e-8 * projections.Max(Math.Abs));
    }

    /// <summary>(½, u) of any length, with u of length √¾.</summary>
    private static double[] WithFirstEntryHalf(int rank, Random random)
    {
        var rest = Enumerable.Range(0, rank).Select(_ => random.NextDouble() - 0.5).ToArray();
        double[] row = [0.5, .. Gramians.Times(rest, Math.Sqrt(0.75) / Gramians.Norm(rest))];
        return Gramians.Times(row, Math.Pow(10, random.NextDouble() * 6 - 3));
    }
}
