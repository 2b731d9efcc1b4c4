using CsCheck;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class GradVacTests : TensorTest
{
    private static readonly double[][] Rows = [[-4, 1, 1], [6, 1, 1]];

    /// <summary>The cosine of <see cref="Rows"/>.</summary>
    private static readonly double Cosine = -22 / Math.Sqrt(18 * 38.0);

    [Fact]
    public void The_first_step_is_surgery_as_in_pcgrad() =>
        GradVac.Weights(Gramians.Of(Rows), new double[2, 2], 0.01, new Random(1)).ShouldBe([1 + 22.0 / 18, 1 + 22.0 / 38], 1e-12);

    [Fact]
    public void Three_steps_follow_a_hand_computation()
    {
        using var tasks = QuadraticTasks.WithGradients(Rows, [1, 1]);
        var strategy = new GradVac(new GradVacOptions { Beta = 0.5 });
        strategy.Initialise(tasks);
        var mean = 0.0;
        for (var step = 0; step < 3; step++)
        {
            // Below the mean cosine, gᵢ turns in the plane of the two until its angle to gⱼ has that cosine; the mean falls
            // to φ/2, 3φ/4, 7φ/8, and φ stays below it.
            var share = mean * Math.Sqrt(1 - Cosine * Cosine) / Math.Sqrt(1 - mean * mean) - Cosine;
            var ratio = Math.Sqrt(18 / 38.0);
            tasks.Train(strategy).ShouldBe([1 + share / ratio, 1 + share * ratio], 1e-6);
            mean = 0.5 * mean + 0.5 * Cosine;
            mean.ShouldBe(Cosine * (1 - Math.Pow(0.5, step + 1)), 1e-12);
            tasks.Buffers["target-cosines"].data<double>().ToArray().ShouldBe([0, mean, mean, 0], 1e-6);
        }
    }

    [Fact]
    public void The_mean_moves_where_nothing_else_does()
    {
        var targets = new[,] { { 0, -0.9 }, { -0.9, 0 } };
        GradVac.Weights(Gramians.Of(Rows), targets, 0.01, new Random(1)).ShouldBe([1, 1]);
        targets[0, 1].ShouldBe(-0.9 * 0.99 + 0.01 * Cosine, 1e-12);
        targets[1, 0].ShouldBe(targets[0, 1], 1e-12);
    }

    [Fact]
    public void Of_two_tasks_each_ends_at_the_wanted_cosine() =>
        Gen.Select(Gramians.WellConditioned(mostTasks: 2), Gen.Double[-0.9, 0.9]).Sample((rows, target) =>
        {
            var own = Gramians.Dot(rows[0], rows[1]) / Gramians.Norm(rows[0]) / Gramians.Norm(rows[1]);
            var weights = GradVac.Weights(Gramians.Of(rows), new[,] { { 0, target }, { -1, 0 } }, 0, new Random(1));
            var changed = Gramians.Combine(rows, [1, weights[1] - 1]);
            weights[0].ShouldBe(1, 1e-12);
            var cosine = weights[1] == 1 ? own : Gramians.Dot(changed, rows[1]) / Gramians.Norm(changed) / Gramians.Norm(rows[1]);
            cosine.ShouldBe(Math.Max(own, target), 1e-9);
        }, iter: 300);

    [Fact]
    public void Identical_gradients_stay_finite_for_any_number_of_steps()
    {
        var targets = new double[2, 2];
        for (var step = 0; step < 5000; step++)
        {
            var weights = GradVac.Weights(Gramians.Of([[1, 2], [1.0000001, 2]]), targets, 0.1, new Random(step));
            weights.ShouldAllBe(weight => double.IsFinite(weight) && weight < 10);
        }
        targets[0, 1].ShouldBe(1, 1e-12);
    }

    [Fact]
    public void Each_gradient_meets_the_others_as_changed_so_far_and_in_the_order_drawn() =>
        Gen.Select(Gramians.WellConditioned(mostTasks: 8), Gen.Int[0, 1000], Gen.Double[-0.5, 0.5]).Sample((rows, seed, target) =>
        {
            var targets = new double[rows.Length, rows.Length];
            for (var i = 0; i < targets.Length; i++)
                targets[i / rows.Length, i % rows.Length] = target;
            var direction = Gramians.Combine(rows, GradVac.Weights(Gramians.Of(rows), targets, 0, new Random(seed)));
            var expected = Vaccinated(rows, target, new Random(seed));
            direction.Zip(expected, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-9 * rows.Sum(Gramians.Norm));
        }, iter: 200);

    /// <summary>Algorithm 1 of the paper, on vectors.</summary>
    private static double[] Vaccinated(double[][] gradients, double target, Random random)
    {
        var sum = new double[gradients[0].Length];
        for (var i = 0; i < gradients.Length; i++)
        {
            var others = Enumerable.Range(0, gradients.Length).Where(j => j != i).ToArray();
            random.Shuffle(others);
            var changed = gradients[i];
            foreach (var other in others.Select(j => gradients[j]))
            {
                var cosine = Gramians.Dot(changed, other) / Gramians.Norm(changed) / Gramians.Norm(other);
                var share = Gramians.Norm(changed) * (target * Math.Sqrt(1 - cosine * cosine) - cosine * Math.Sqrt(1 - target * target))
                    / (Gramians.Norm(other) * Math.Sqrt(1 - target * target));
                if (cosine < target)
                    changed = [.. changed.Zip(other, (mine, theirs) => mine + share * theirs)];
            }
            sum = [.. sum.Zip(changed, (a, b) => a + b)];
        }
        return sum;
    }
}
