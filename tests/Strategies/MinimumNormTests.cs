using CsCheck;
using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Tests.Support;
using MathNet.Numerics.LinearAlgebra;

namespace KdMtlBench.Tests.Strategies;

public class MinimumNormTests
{
    /// <summary>Share of its largest possible size below which an inner product is rounding.</summary>
    private const double Rounding = 1e-9;

    [Fact]
    public void Two_gradients_have_the_weights_of_the_reference() =>
        MinimumNorm.Solve(new double[,] { { 18, -22 }, { -22, 38 } }).Weights.ShouldBe([0.6, 0.4], 1e-12);

    [Fact]
    public void Weights_lie_on_the_simplex_and_satisfy_kkt_whatever_the_gramian() =>
        Gramians.Jacobians().Sample(rows =>
        {
            var gramian = Gramians.Of(rows);
            var solution = MinimumNorm.Solve(gramian);
            solution.Converged.ShouldBeTrue($"gap {solution.Gap:g3}");
            ShouldBeOnTheSimplex(solution.Weights);
            ShouldSatisfyKkt(gramian, solution.Weights, 1e-6);
        }, iter: 3000);

    [Fact]
    public void No_task_gets_worse() =>
        Gramians.Jacobians().Sample(rows =>
        {
            var gramian = Gramians.Of(rows);
            var weights = MinimumNorm.Solve(gramian).Weights;
            var reach = rows.Select((row, i) => weights[i] * Gramians.Norm(row)).Sum();
            foreach (var t in Enumerable.Range(0, rows.Length))
                Product(gramian, weights, t).ShouldBeGreaterThanOrEqualTo(-1e-6 * Gramians.Norm(rows[t]) * reach);
        }, iter: 1000);

    [Fact]
    public void No_other_face_of_the_simplex_holds_a_shorter_point() =>
        Gramians.Jacobians(mostTasks: 6).Where(HaveLikeNorms).Sample(rows =>
        {
            var gramian = Gramians.Of(rows);
            var scale = rows.Max(row => Gramians.Dot(row, row));
            var expected = Faces(rows.Length).Min(face => LeastSquare(gramian, face));
            Square(gramian, MinimumNorm.Solve(gramian).Weights).ShouldBe(expected, Rounding * scale);
        }, iter: 1000);

    [Fact]
    public void A_projected_gradient_descent_ends_at_the_same_weights() =>
        Gramians.WellConditioned(mostTasks: 8).Sample(rows =>
        {
            var gramian = Gramians.Of(rows);
            MinimumNorm.Solve(gramian).Weights.ShouldBe(ProjectedGradient(gramian), 1e-6);
        }, iter: 20);

    [Fact]
    public void Weights_follow_a_permutation_of_the_tasks() =>
        Gen.Select(Gramians.WellConditioned(), Gen.Int[0, int.MaxValue]).Sample((rows, seed) =>
        {
            var order = Gramians.Permutation(rows.Length, seed);
            var permuted = MinimumNorm.Solve(Gramians.Of([.. order.Select(i => rows[i])])).Weights;
            var weights = MinimumNorm.Solve(Gramians.Of(rows)).Weights;
            permuted.ShouldBe([.. order.Select(i => weights[i])], Rounding);
        }, iter: 300);

    [Fact]
    public void The_square_does_not_depend_on_the_order_even_where_weights_are_not_unique() =>
        Gen.Select(Gramians.Jacobians().Where(HaveLikeNorms), Gen.Int[0, int.MaxValue]).Sample((rows, seed) =>
        {
            var permuted = Gramians.Of([.. Gramians.Permutation(rows.Length, seed).Select(i => rows[i])]);
            var scale = rows.Max(row => Gramians.Dot(row, row));
            Square(permuted, MinimumNorm.Solve(permuted).Weights)
                .ShouldBe(Square(Gramians.Of(rows), MinimumNorm.Solve(Gramians.Of(rows)).Weights), Rounding * scale);
        }, iter: 300);

    [Fact]
    public void Frank_Wolfe_comes_near_the_exact_square() =>
        Gramians.WellConditioned().Sample(rows =>
        {
            var gramian = Gramians.Of(rows);
            var solution = MinimumNorm.FrankWolfe(gramian);
            ShouldBeOnTheSimplex(solution.Weights);
            var exact = Square(gramian, MinimumNorm.Solve(gramian).Weights);
            (Square(gramian, solution.Weights) / exact).ShouldBeInRange(1 - Rounding, 1.5);
        }, iter: 100);

    [Fact]
    public void Frank_Wolfe_steps_to_the_least_point_of_the_line_to_the_steepest_vertex()
    {
        // Gα = (1, 4, 9)/3, t = 1, a = 1/3, b = 14/9, c = 1: the step is 11/17 of the way to the first vertex.
        var solution = MinimumNorm.FrankWolfe(new double[,] { { 1, 0, 0 }, { 0, 4, 0 }, { 0, 0, 9 } }, iterations: 1);
        solution.Weights.ShouldBe([13.0 / 17, 2.0 / 17, 2.0 / 17], 1e-12);
    }

    [Fact]
    public void An_iteration_cap_still_returns_weights_and_says_that_they_are_not_the_optimum()
    {
        var gramian = Gramians.Of([[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0], [0, 0, 0, 4]]);
        foreach (var solution in new[] { MinimumNorm.Solve(gramian, iterations: 2), MinimumNorm.FrankWolfe(gramian, iterations: 2) })
        {
            ShouldBeOnTheSimplex(solution.Weights);
            solution.Converged.ShouldBeFalse();
        }
    }

    [Fact]
    public void Orthogonal_gradients_are_weighed_by_their_inverse_squares()
    {
        var weights = MinimumNorm.Solve(Gramians.Of([[1, 0, 0], [0, 2, 0], [0, 0, 1e6]])).Weights;
        weights.ShouldBe([1 / 1.250000000001, 0.25 / 1.250000000001, 1e-12 / 1.250000000001], 1e-15);
    }

    [Fact]
    public void Zero_gradients_share_all_the_weight() =>
        MinimumNorm.Solve(Gramians.Of([[1, 2], [0, 0], [3, -1], [0, 0]])).Weights.ShouldBe([0, 0.5, 0, 0.5]);

    [Fact]
    public void One_gradient_has_all_the_weight() => MinimumNorm.Solve(new double[,] { { 7 } }).Weights.ShouldBe([1], 1e-15);

    [Fact]
    public void Equal_gradients_share_their_weight()
    {
        var weights = MinimumNorm.Solve(Gramians.Of([[1, 2, 3], [-2, 4, -3], [1, 2, 3], [1, 2, 3]])).Weights;
        weights.ShouldAllBe(weight => weight > 0.05);
        weights.ShouldBe([weights[0], weights[1], weights[0], weights[0]], 1e-2);
    }

    [Fact]
    public void A_gramian_summed_in_single_precision_is_solved() =>
        Gen.Select(Gramians.Jacobians().Where(HaveLikeNorms), Gen.Int[0, int.MaxValue]).Sample((rows, seed) =>
        {
            var gramian = Gramians.Of(rows);
            var random = new Random(seed);
            for (var i = 0; i < rows.Length; i++)
            {
                for (var j = 0; j < i; j++)
                    gramian[i, j] = gramian[j, i] += (random.NextDouble() - 0.5) * 2e-7 * Gramians.Norm(rows[i]) * Gramians.Norm(rows[j]);
            }
            var solution = MinimumNorm.Solve(gramian);
            solution.Converged.ShouldBeTrue($"gap {solution.Gap:g3}");
            ShouldBeOnTheSimplex(solution.Weights);
        }, iter: 1000);

    [Fact]
    public void Opposite_gradients_that_rounding_made_indefinite_are_solved()
    {
        var gramian = Gramians.Of([[1e-4, 2e-4], [1, 0], [-1, 0]]);
        gramian[1, 2] = gramian[2, 1] = -1 - 1e-7;
        var solution = MinimumNorm.Solve(gramian);
        solution.Converged.ShouldBeTrue($"gap {solution.Gap:g3}");
        ShouldBeOnTheSimplex(solution.Weights);
    }

    [Fact]
    public void The_gap_is_the_duality_gap_over_what_cauchy_and_schwarz_allow()
    {
        // α = (1, 0, 0) is where both stop before the first step: b = 4, Gα = (4, −2, 0).
        var solution = MinimumNorm.Solve(Gramians.Of([[2, 0], [-1, 9], [0, 3]]), iterations: 1);
        solution.Weights.ShouldBe([1, 0, 0]);
        solution.Gap.ShouldBe(Math.Max(6 / (Math.Sqrt(82) * 2), 4 / (3.0 * 2)), 1e-12);
    }

    internal static void ShouldBeOnTheSimplex(double[] weights, double tolerance = 1e-12)
    {
        weights.ShouldAllBe(weight => weight >= 0 && weight <= 1);
        weights.Sum().ShouldBe(1, tolerance);
    }

    /// <summary>Gradients in use all have the inner product αᵀGα with the point, others no less, up to a share of their largest possible one.</summary>
    private static void ShouldSatisfyKkt(double[,] gramian, double[] weights, double tolerance)
    {
        var square = Square(gramian, weights);
        var norms = weights.Select((_, t) => Math.Sqrt(gramian[t, t])).ToArray();
        var reach = Gramians.Dot(weights, norms);
        for (var t = 0; t < weights.Length; t++)
        {
            var slack = Product(gramian, weights, t) - square;
            slack.ShouldBeGreaterThanOrEqualTo(-tolerance * norms[t] * reach);
            (weights[t] * slack).ShouldBeLessThanOrEqualTo(tolerance * reach * reach);
        }
    }

    private static bool HaveLikeNorms(double[][] rows)
    {
        var norms = rows.Select(Gramians.Norm).Where(norm => norm > 0).ToArray();
        return norms.Length > 0 && norms.Max() < 10 * norms.Min();
    }

    private static double Product(double[,] gramian, double[] weights, int t) => weights.Select((weight, i) => weight * gramian[t, i]).Sum();

    private static double Square(double[,] gramian, double[] weights) => weights.Select((weight, t) => weight * Product(gramian, weights, t)).Sum();

    private static IEnumerable<int[]> Faces(int count) =>
        Enumerable.Range(1, (1 << count) - 1).Select(bits => Enumerable.Range(0, count).Where(i => (bits >> i & 1) == 1).ToArray());

    /// <summary>Square of the shortest point of a face's affine hull, from its KKT system; infinite where that is singular or leaves the face.</summary>
    private static double LeastSquare(double[,] gramian, int[] face)
    {
        var scale = face.Max(i => gramian[i, i]);
        var size = face.Length;
        if (scale == 0)
            return 0;
        var system = Matrix<double>.Build.Dense(size + 1, size + 1, (i, j) =>
            i == size && j == size ? 0 : i == size || j == size ? 1 : gramian[face[i], face[j]] / scale);
        if (system.ConditionNumber() > 1e10)
            return double.PositiveInfinity;
        var weights = system.Solve(Vector<double>.Build.Dense(size + 1, i => i == size ? 1 : 0)).Take(size).ToArray();
        if (weights.Min() < -1e-12)
            return double.PositiveInfinity;
        return scale * weights.Select((left, i) => weights.Select((right, j) => left * right * gramian[face[i], face[j]] / scale).Sum()).Sum();
    }

    private static double[] ProjectedGradient(double[,] gramian)
    {
        var count = gramian.GetLength(0);
        var trace = Enumerable.Range(0, count).Sum(i => gramian[i, i]);
        var weights = Enumerable.Repeat(1.0 / count, count).ToArray();
        for (var iteration = 0; iteration < 20_000; iteration++)
            weights = OntoSimplex([.. weights.Select((weight, t) => weight - Product(gramian, weights, t) / trace)]);
        return weights;
    }

    private static double[] OntoSimplex(double[] point)
    {
        var descending = point.OrderDescending().ToArray();
        var shift = descending.Select((_, k) => (descending.Take(k + 1).Sum() - 1) / (k + 1)).Where((mean, k) => descending[k] > mean).Last();
        return [.. point.Select(value => Math.Max(0, value - shift))];
    }
}
