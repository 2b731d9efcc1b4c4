using KdMtlBench.Host.Training.Strategies;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Training.Strategies;

public class TrainingStepTests : TensorTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_are_each_tasks_own_backward_pass(bool ownImages)
    {
        using var begun = new Begun(ownImages);
        var rows = begun.Gradients(GradientPoint.SharedParameters).Rows;
        var last = begun.Step.LastLayerGradients(begun.Losses);
        for (var task = 0; task < 3; task++)
        {
            using var alone = new Begun(ownImages);
            alone.Losses[task].backward();
            Distance(Unpadded(begun, rows[task]), Flat(alone.Run.Network.Module.SharedParameters)).ShouldBeLessThan(1e-6);
            Distance(last[task], Flat(alone.Run.Network.Module.LastSharedLayer)).ShouldBeLessThan(1e-6);
        }

        static Tensor Flat(IEnumerable<TorchSharp.Modules.Parameter> parameters) => cat([.. parameters.Select(p => p.grad!.flatten())]);
    }

    [Fact]
    public void Representation_rows_are_gradients_at_the_features()
    {
        using var begun = new Begun();
        var jacobian = begun.Gradients(GradientPoint.Representation).Rows;
        for (var task = 0; task < 3; task++)
        {
            using var alone = new Begun();
            var features = alone.Step.Pass.Features("last", 0);
            features.retain_grad();
            alone.Losses[task].backward();
            Distance(jacobian[task], features.grad!.flatten()).ShouldBeLessThan(1e-7);
        }
    }

    [Fact]
    public void A_task_with_its_own_images_sees_no_others()
    {
        using var begun = new Begun(ownImages: true);
        var atFeatures = begun.Gradients(GradientPoint.Representation).Rows.view(3, 3, -1);
        for (var task = 0; task < 3; task++)
            for (var images = 0; images < 3; images++)
                atFeatures[task][images].ne(0).any().item<bool>().ShouldBe(task == images);
    }

    [Theory]
    [InlineData(GradientPoint.SharedParameters, false, false)]
    [InlineData(GradientPoint.Representation, false, false)]
    [InlineData(GradientPoint.Representation, true, false)]
    [InlineData(GradientPoint.SharedParameters, true, true)]
    [InlineData(GradientPoint.Representation, false, true)]
    [InlineData(GradientPoint.Representation, true, true)]
    public void Applied_weights_give_the_weighted_gradient_to_the_trunk_and_the_plain_one_to_heads(GradientPoint at, bool termAtAnEarlierTap, bool ownImages)
    {
        double[] weights = [0.5, 2, -1];
        using var begun = Begun(termAtAnEarlierTap, ownImages);
        begun.Gradients(at, Objectives(begun.Step, termAtAnEarlierTap)).ApplyWeights(weights);

        using var weighted = new Begun(ownImages);
        stack(Objectives(weighted.Step, termAtAnEarlierTap).Select((objective, i) => objective * weights[i])).sum().backward();
        Distance(begun.Run.Network.Flat.SharedGradient, weighted.Run.Network.Flat.SharedGradient).ShouldBeLessThan(1e-5);
        HeadsHaveThePlainGradient(begun, ownImages);
    }

    /// <summary>A direction at the representation replaces what goes through it; terms beside it keep weight 1.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void An_applied_direction_leaves_terms_at_earlier_taps_their_plain_gradient(bool termAtAnEarlierTap, bool ownImages)
    {
        double[] weights = [0.5, 2, -1];
        using var begun = Begun(termAtAnEarlierTap, ownImages);
        var gradients = begun.Gradients(GradientPoint.Representation, Objectives(begun.Step, termAtAnEarlierTap));
        gradients.ApplyDirection(tensor(weights, dtype: ScalarType.Float32).matmul(gradients.Rows), ones(3));

        // Where the direction is a weighted sum, the whole is that of weighted losses and plain terms.
        using var expected = new Begun(ownImages);
        var parts = expected.Losses.Zip(Objectives(expected.Step, termAtAnEarlierTap), (loss, objective) => (loss, Term: objective - loss));
        stack(parts.Select((part, i) => part.loss * weights[i] + part.Term)).sum().backward();
        Distance(begun.Run.Network.Flat.SharedGradient, expected.Run.Network.Flat.SharedGradient).ShouldBeLessThan(1e-5);
        HeadsHaveThePlainGradient(begun, ownImages);
    }

    private static Begun Begun(bool termAtAnEarlierTap, bool ownImages) =>
        termAtAnEarlierTap ? new(ownImages, null, Tiny.Component("reader", typeof(Reader))) : new(ownImages);

    private static void HeadsHaveThePlainGradient(Begun begun, bool ownImages)
    {
        using var plain = new Begun(ownImages);
        stack(plain.Losses).sum().backward();
        foreach (var (mine, expected) in begun.Run.Network.TaskParameters.Zip(plain.Run.Network.TaskParameters))
            Distance(mine.grad!, expected.grad!).ShouldBeLessThan(1e-6);
    }

    /// <summary>Says that it reads features, and does not.</summary>
    public sealed class Reader : ObjectiveStrategy
    {
        public override StrategyRequirements Requirements => StrategyRequirements.Features;

        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => losses;
    }

    [Fact]
    public void Looking_at_the_last_layer_leaves_no_gradient()
    {
        using var begun = new Begun();
        _ = begun.Step.LastLayerGradients(begun.Losses);
        begun.Run.Network.Flat.Gradient.abs().sum().item<float>().ShouldBe(0);
        begun.Step.BackwardPasses.ShouldBe(0);
    }

    [Fact]
    public void Gramian_holds_the_inner_products_of_the_rows()
    {
        using var begun = new Begun();
        var gradients = begun.Gradients(GradientPoint.SharedParameters);
        var gramian = gradients.Gramian();
        var rows = gradients.Rows.to(ScalarType.Float64);
        for (var i = 0; i < 3; i++)
            for (var j = 0; j < 3; j++)
                gramian[i, j].ShouldBe((rows[i] * rows[j]).sum().item<double>(), 1e-5);
    }

    [Theory]
    [InlineData(5, 100)]
    [InlineData(3, 16384)]
    [InlineData(4, 40000)]
    public void Chunked_products_equal_the_whole(int rows, int columns)
    {
        using var generator = new Generator(7);
        var jacobian = randn([rows, columns], generator: generator);
        var exact = jacobian.to(ScalarType.Float64);
        Distance(GradientRows.Products(jacobian).to(ScalarType.Float64), exact.mm(exact.t())).ShouldBeLessThan(1e-2 * Math.Sqrt(columns) / 100);
    }

    [Fact]
    public void Losses_now_see_the_new_parameters_and_leave_batch_norm_alone()
    {
        using var begun = new Begun();
        var before = begun.Run.Network.State();
        var first = begun.View.RecomputeLosses();
        Distance(first, stack(begun.Losses)).ShouldBeLessThan(1e-6);
        using (no_grad())
            begun.Run.Network.Flat.Values.mul_(0.5);
        Distance(begun.View.RecomputeLosses(), first).ShouldBeGreaterThan(1e-3);
        begun.Run.Network.RestoreStatistics();
        foreach (var (buffer, saved) in begun.Run.Network.State().Zip(before).Skip(1))
            buffer.eq(saved).all().item<bool>().ShouldBeTrue();
    }

    [Fact]
    public void Samples_are_batches_of_their_own_beside_which_the_steps_own_graph_stays_whole()
    {
        using var begun = new Begun();
        var before = begun.Run.Network.State();
        var (first, second) = (stack(begun.View.ResampledLosses(0)), stack(begun.View.ResampledLosses(1)));
        Distance(stack(begun.View.ResampledLosses(0)), first).ShouldBe(0);
        Distance(first, second).ShouldBeGreaterThan(1e-4);
        Distance(first, stack(begun.Losses)).ShouldBeGreaterThan(1e-4);
        begun.View.GradientsOf(begun.View.ResampledLosses(0)).norm(1).gt(0).all().item<bool>().ShouldBeTrue();
        begun.Gradients(GradientPoint.SharedParameters).Rows.norm(1).gt(0).all().item<bool>().ShouldBeTrue();
        begun.Run.Network.RestoreStatistics();
        foreach (var (buffer, saved) in begun.Run.Network.State().Zip(before))
            buffer.eq(saved).all().item<bool>().ShouldBeTrue();
    }

    [Fact]
    public void Rows_taken_later_in_a_step_leave_earlier_ones_alone_and_are_as_many_as_scalars()
    {
        using var begun = new Begun();
        var rows = begun.Gradients(GradientPoint.SharedParameters).Rows;
        var before = rows.clone();
        var heads = begun.Run.Network.TaskGradients.Select(gradient => gradient.clone()).ToList();
        var one = begun.View.GradientsOf([stack(begun.View.ResampledLosses(0)).sum()]);
        one.shape[0].ShouldBe(1);
        Distance(begun.View.GradientsOf(begun.View.ResampledLosses(0)).sum([0]), one[0]).ShouldBeLessThan(1e-5);
        Distance(rows, before).ShouldBe(0);
        begun.Run.Network.TaskGradients.Zip(heads).ShouldAllBe(pair => pair.First.eq(pair.Second).all().item<bool>());
    }

    [Fact]
    public void A_soft_target_equal_to_the_true_one_gives_the_true_loss()
    {
        using var begun = new Begun();
        var depth = begun.View.SoftLoss(1, begun.View.Target(1));
        Distance(depth, begun.Losses[1]).ShouldBeLessThan(1e-6);
    }

    [Fact]
    public void Parameters_are_views_of_one_buffer_and_keep_their_first_values()
    {
        using var run = Tiny.Run();
        var network = run.Network;
        network.Flat.SharedCount.ShouldBe(network.Module.SharedParameters.Sum(p => p.numel()));
        using (no_grad())
            network.Flat.Values.fill_(0.25);
        network.Module.SharedParameters.Concat(network.TaskParameters).ShouldAllBe(p => p.eq(0.25).all().item<bool>());
    }

    private static IReadOnlyList<Tensor> Objectives(TrainingStep step, bool termAtAnEarlierTap) => termAtAnEarlierTap
        ? [.. step.Pass.Losses.Select((loss, task) => loss + step.Pass.Features("first", task).pow(2).mean() * (task + 1))]
        : step.Pass.Losses;

    private static double Distance(Tensor a, Tensor b) => (a - b).abs().max().to(ScalarType.Float64).item<double>();

    private static Tensor Unpadded(Begun begun, Tensor row) => cat([.. begun.Run.Network.Flat.SharedViews(row).Select(view => view.flatten())]);
}
