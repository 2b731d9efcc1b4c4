using CsCheck;
using KdMtlBench.Host.Reports;

namespace KdMtlBench.Tests.Reports;

public class ParetoTests
{
    private static readonly Gen<(double X, double Y)[]> Points =
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 12], (x, y) => ((double)x, (double)y)).Array[1, 12];

    [Fact]
    public void Hypervolume_is_the_number_of_unit_squares_that_a_point_dominates() => Points.Sample(points =>
        Pareto.Hypervolume(points, (0, 0)).ShouldBe(
            Enumerable.Range(0, 12).Sum(x => Enumerable.Range(0, 12).Count(y => points.Any(point => point.X > x && point.Y > y)))));

    [Fact]
    public void The_front_alone_has_the_hypervolume_of_all_points() => Points.Sample(points =>
        Pareto.Hypervolume(points.Zip(Pareto.Front(points)).Where(pair => pair.Second).Select(pair => pair.First), (0, 0))
            .ShouldBe(Pareto.Hypervolume(points, (0, 0))));

    [Fact]
    public void A_point_is_on_the_front_where_no_other_is_better() =>
        Pareto.Front([(1, 3), (2, 2), (3, 1), (2, 1), (1, 3), (0, 0)]).ShouldBe([true, true, true, false, true, false]);

    [Fact]
    public void Points_that_are_not_beyond_the_reference_add_nothing() =>
        Pareto.Hypervolume([(1, 5), (5, 1), (2, 2)], (1, 1)).ShouldBe(1);
}
