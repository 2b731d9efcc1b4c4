using CsCheck;
using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class ConFigTests : TensorTest
{
    [Fact]
    public void All_gradients_meet_the_direction_at_the_same_angle_and_it_is_as_long_as_their_projections() =>
        Gramians.Scaled(mayBeDependent: false).Sample(rows =>
        {
            var weights = ConFig.Weights(Gramians.Of(rows), 1e-12);
            EqualProjections.Solve(Gramians.Of(rows), 1e-12).Residual.ShouldBeLessThan(1e-8);
            var direction = Gramians.Combine(rows, weights);
            var length = Gramians.Norm(direction);
            var cosines = rows.Select(row => Gramians.Dot(row, direction) / Gramians.Norm(row) / length).ToArray();
            cosines.ShouldAllBe(cosine => cosine > 0);
            cosines.ShouldBe([.. cosines.Select(_ => cosines[0])], 1e-8 * cosines[0] + 1e-12);
            length.ShouldBe(rows.Sum(row => Gramians.Dot(row, direction)) / length, 1e-8 * length);
        }, iter: 300);

    [Fact]
    public void Two_gradients_by_hand()
    {
        // u is the bisector (1, 1)/√2; g·u = 3/√2 and 1/√2, so that the direction is (2, 2).
        using var tasks = QuadraticTasks.WithGradients([[3, 0], [0, 1]], [1, 1]);
        tasks.Train(new ConFig(new())).ShouldBe([2.0 / 3, 2], 1e-6);
        tasks.SharedGradient().ShouldBe([2, 2], 1e-6);
        tasks.SolverFailures.ShouldBeEmpty();
    }

    [Fact]
    public void Equal_gradients_add_up() => Gramians.Combine([[1, 2], [1, 2], [0, 0]], ConFig.Weights(Gramians.Of([[1, 2], [1, 2], [0, 0]]))).ShouldBe([2, 4], 1e-9);

    [Fact]
    public void Opposite_gradients_have_no_such_direction()
    {
        using var tasks = QuadraticTasks.WithGradients([[1, 0], [-2, 0]], [1, 1]);
        tasks.Train(new ConFig(new())).ShouldBe([0, 0]);
        tasks.SolverFailures.ShouldHaveSingleItem().ShouldContain("equal cosines");
    }
}
