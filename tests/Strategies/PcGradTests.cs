using CsCheck;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class PcGradTests : TensorTest
{
    private static readonly double[][] Rows = [[-4, 1, 1], [6, 1, 1]];

    [Fact]
    public void Two_gradients_have_the_weights_of_the_reference()
    {
        var weights = PcGrad.Weights(Gramians.Of(Rows), new Random(1));
        weights.ShouldBe([1 + 22.0 / 18, 1 + 22.0 / 38], 1e-12);
    }

    [Fact]
    public void The_mean_is_the_sum_over_the_number_of_tasks()
    {
        using var tasks = QuadraticTasks.WithGradients(Rows, [1, 1]);
        tasks.Train(new PcGrad(new PcGradOptions())).ShouldBe([2.2222, 1.5789], 1e-4);
        tasks.Train(new PcGrad(new PcGradOptions { Reduction = PcGradReduction.Mean })).ShouldBe([1.1111, 0.7895], 1e-4);
    }

    [Fact]
    public void Surgery_on_the_gramian_equals_surgery_on_the_gradients_themselves() =>
        Gen.Select(Gramians.WellConditioned(), Gen.Int[0, int.MaxValue]).Sample((rows, seed) =>
        {
            var direction = Gramians.Combine(rows, PcGrad.Weights(Gramians.Of(rows), new Random(seed)));
            var expected = Surgery(rows, new Random(seed));
            var scale = rows.Sum(Gramians.Norm);
            direction.Zip(expected, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-10 * scale);
        }, iter: 300);

    [Fact]
    public void Gradients_without_conflict_are_summed() =>
        PcGrad.Weights(Gramians.Of([[1, 0, 0], [1, 1, 0], [0, 0, 1e-12]]), new Random(1)).ShouldBe([1, 1, 1]);

    [Fact]
    public void Weights_are_finite_and_no_less_than_one_whatever_the_gramian() =>
        Gen.Select(Gramians.Jacobians(), Gen.Int[0, int.MaxValue]).Sample((rows, seed) =>
            PcGrad.Weights(Gramians.Of(rows), new Random(seed)).ShouldAllBe(weight => weight >= 1 && double.IsFinite(weight)), iter: 500);

    [Fact]
    public void A_gradient_whose_square_underflows_is_left_out() =>
        PcGrad.Weights(new double[,] { { 1, -1e-25 }, { -1e-25, 0 } }, new Random(1)).ShouldBe([1 + 1e-25, 1]);

    [Fact]
    public void Two_tasks_follow_a_permutation() =>
        Gramians.Jacobians(mostTasks: 2).Sample(rows =>
            PcGrad.Weights(Gramians.Of([rows[1], rows[0]]), new Random(1)).Reverse()
                .ShouldBe(PcGrad.Weights(Gramians.Of(rows), new Random(1))), iter: 300);

    [Fact]
    public void Permuted_tasks_have_permuted_weights_in_the_mean_over_orders()
    {
        double[][] rows = [[1, 0.2, 0], [-1, 1, 0.1], [0.3, -1, 1], [-0.5, -0.2, -1]];
        int[] order = [2, 0, 3, 1];
        var weights = MeanWeights(rows);
        MeanWeights([.. order.Select(i => rows[i])]).ShouldBe([.. order.Select(i => weights[i])], 0.02);
    }

    [Fact]
    public void Each_gradient_meets_the_others_in_an_order_of_its_own()
    {
        var random = new CountingRandom();
        PcGrad.Weights(Gramians.Of([[1, 0], [0, 1], [1, 1]]), random);
        random.Shuffles.ShouldBe(3);
    }

    /// <summary>Algorithm 1 of the paper, on vectors.</summary>
    private static double[] Surgery(double[][] gradients, Random random)
    {
        var sum = new double[gradients[0].Length];
        for (var i = 0; i < gradients.Length; i++)
        {
            var others = Enumerable.Range(0, gradients.Length).Where(j => j != i).ToArray();
            random.Shuffle(others);
            var changed = (double[])gradients[i].Clone();
            foreach (var other in others.Select(j => gradients[j]))
            {
                var product = Gramians.Dot(changed, other);
                if (product < 0)
                    changed = [.. changed.Zip(other, (mine, theirs) => mine - product / Gramians.Dot(other, other) * theirs)];
            }
            sum = [.. sum.Zip(changed, (a, b) => a + b)];
        }
        return sum;
    }

    private static double[] MeanWeights(double[][] rows)
    {
        var random = new Random(1);
        var draws = Enumerable.Range(0, 20_000).Select(_ => PcGrad.Weights(Gramians.Of(rows), random)).ToArray();
        return [.. Enumerable.Range(0, rows.Length).Select(i => draws.Average(draw => draw[i]))];
    }

    /// <summary>Counts the orders drawn: two others are shuffled by one draw.</summary>
    private sealed class CountingRandom : Random
    {
        public int Shuffles { get; private set; }

        public override int Next(int minValue, int maxValue)
        {
            Shuffles++;
            return minValue;
        }
    }
}
