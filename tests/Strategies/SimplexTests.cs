using CsCheck;
using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Tests.Strategies;

public class SimplexTests
{
    [Fact]
    public void A_point_of_the_simplex_stays() => Simplex.Project([0.2, 0.5, 0.3]).ShouldBe([0.2, 0.5, 0.3], 1e-15);

    [Fact]
    public void The_projection_lies_on_the_simplex_and_satisfies_kkt() =>
        Gen.Double[-1e3, 1e3].Array[1, 40].Sample(point =>
        {
            var projected = Simplex.Project(point);
            MinimumNormTests.ShouldBeOnTheSimplex([.. projected.Select(value => Math.Min(1, value))], 1e-9);
            var shift = point.Zip(projected, (before, after) => before - after).Where((_, i) => projected[i] > 0).ToArray();
            shift.Max().ShouldBe(shift.Min(), 1e-9);
            point.Where((_, i) => projected[i] == 0).ShouldAllBe(value => value <= shift.Max() + 1e-9);
        }, iter: 1000);

    [Fact]
    public void Large_entries_do_not_swallow_the_sum() => Simplex.Project([1e30, -1e30, 1e30]).ShouldBe([0.5, 0, 0.5]);
}
