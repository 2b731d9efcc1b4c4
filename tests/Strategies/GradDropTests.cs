using CsCheck;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

public class GradDropTests : TensorTest
{
    private static readonly double[][] Rows = [[1, -2, 3, 0], [2, 1, -1, 0], [0.5, -3, -4, 0]];

    [Fact]
    public void Each_feature_keeps_one_sign_only() =>
        Gramians.Jacobians(mostTasks: 6).Sample(rows =>
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator(5);
            var gradients = stack(rows.Select(row => tensor(row, dtype: ScalarType.Float32)));
            var kept = gradients * GradDrop.Mask(gradients, rand(gradients.shape[1], generator: generator)).to(ScalarType.Float32);
            ((kept > 0).any(0) & (kept < 0).any(0)).any().item<bool>().ShouldBeFalse();
            // Where all agree in sign, nothing is dropped.
            var agreed = (gradients >= 0).all(0) | (gradients <= 0).all(0);
            (kept - gradients).abs().sum([0])[agreed].sum().item<float>().ShouldBe(0);
        }, iter: 200, threads: 1);

    [Fact]
    public void Purity_decides_by_hand()
    {
        // Feature 0: P = ½ (1 + 1/3) = ⅔. Feature 1: all negative, P = 0.
        var gradients = tensor(new float[,] { { 2, -1 }, { -1, -4 } });
        GradDrop.Mask(gradients, tensor(new[] { 0.6f, 0.5f })).data<bool>().ToArray().ShouldBe([true, true, false, true]);
        GradDrop.Mask(gradients, tensor(new[] { 0.7f, 0.5f })).data<bool>().ToArray().ShouldBe([false, true, true, true]);
    }

    [Fact]
    public void Where_tasks_have_samples_of_their_own_gradients_meet_in_their_sums_over_the_batch()
    {
        // Two images, two features; the first task's gradient is at the first image, the second task's at the second.
        var rows = tensor(new float[,] { { 1, 2, 0, 0 }, { 0, 0, 3, -4 } });
        var representation = tensor(new float[,] { { -1, 5 }, { 2, 0.5f } });
        GradDrop.SummedOverBatch(rows, representation).data<float>().ToArray().ShouldBe([-1, 2, 3, -4]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.4)]
    public void The_mean_over_draws_is_the_plain_sum(double leak)
    {
        // P Σ⁺ − (1 − P) Σ⁻ with P = Σ⁺ / (Σ⁺ + Σ⁻) is Σ⁺ − Σ⁻.
        using var tasks = QuadraticTasks.WithGradients(Rows, [1, 1, 1]);
        var strategy = new GradDrop(new() { Leak = leak });
        double[] sum = [0, 0, 0, 0];
        var draws = new HashSet<double>();
        for (var draw = 0; draw < 4000; draw++)
        {
            tasks.Train(strategy);
            var gradient = tasks.SharedGradient();
            draws.Add(Math.Round(gradient[2], 3));
            sum = [.. sum.Zip(gradient, (total, value) => total + value / 4000)];
        }
        sum.ShouldBe([3.5, -4, -2, 0], 0.2);
        draws.Order().ToArray().ShouldBe([-5 + leak * 3, 3 - leak * 5], 1e-3);
    }

    [Fact]
    public void It_works_at_the_representation_and_reports_what_was_kept()
    {
        using var tasks = QuadraticTasks.WithGradients([[1, 1], [1, -1]], [1, 1]);
        var strategy = new GradDrop(new());
        strategy.At.ShouldBe(GradientPoint.Representation);
        var kept = tasks.Train(strategy);
        kept.Order().ToArray().ShouldBe([0.5, 1]);
        tasks.SharedGradient()[1].ShouldBe(kept[0] > kept[1] ? 1 : -1);
    }
}
