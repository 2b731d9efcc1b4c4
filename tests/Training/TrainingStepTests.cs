using KdMtlBench.Contracts;
using KdMtlBench.Host.Training;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Training;

public class TrainingStepTests : TensorTest
{
    [Theory]
    [InlineData(GradientPoint.SharedParameters, false)]
    [InlineData(GradientPoint.SharedParameters, true)]
    [InlineData(GradientPoint.LastSharedLayer, false)]
    [InlineData(GradientPoint.LastSharedLayer, true)]
    public void Jacobian_rows_are_each_tasks_own_backward_pass(GradientPoint at, bool ownImages)
    {
        using var begun = new Begun(ownImages);
        var jacobian = begun.Step.Jacobian(begun.Step.Losses, at);
        for (var task = 0; task < 3; task++)
        {
            using var alone = new Begun(ownImages);
            alone.Step.Losses[task].backward();
            var parameters = at == GradientPoint.SharedParameters ? alone.Run.Network.Trunk.parameters() : alone.Run.Network.Trunk.LastSharedLayer;
            var expected = cat([.. parameters.Select(p => p.grad!.flatten())]);
            var row = at == GradientPoint.SharedParameters ? Unpadded(begun, jacobian[task]) : jacobian[task];
            Distance(row, expected).ShouldBeLessThan(1e-6);
        }
    }

    [Fact]
    public void Representation_rows_are_gradients_at_the_features()
    {
        using var begun = new Begun();
        var jacobian = begun.Step.Jacobian(begun.Step.Losses, GradientPoint.Representation);
        for (var task = 0; task < 3; task++)
        {
            using var alone = new Begun();
            var features = alone.Step.Features("last", 0);
            features.retain_grad();
            alone.Step.Losses[task].backward();
            Distance(jacobian[task], features.grad!.flatten()).ShouldBeLessThan(1e-7);
        }
    }

    [Fact]
    public void A_task_with_its_own_images_sees_no_others()
    {
        using var begun = new Begun(ownImages: true);
        var atFeatures = begun.Step.Jacobian(begun.Step.Losses, GradientPoint.Representation).view(3, 3, -1);
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
        using var begun = new Begun(ownImages);
        _ = begun.Step.Gramian(Objectives(begun.Step, termAtAnEarlierTap), at);
        begun.Step.ApplyWeights(weights, at);

        using var weighted = new Begun(ownImages);
        stack(Objectives(weighted.Step, termAtAnEarlierTap).Select((objective, i) => objective * weights[i])).sum().backward();
        Distance(begun.Run.Network.Flat.SharedGradient, weighted.Run.Network.Flat.SharedGradient).ShouldBeLessThan(1e-5);
        using var plain = new Begun(ownImages);
        stack(plain.Step.Losses).sum().backward();
        foreach (var (mine, expected) in begun.Run.Network.HeadParameters.Zip(plain.Run.Network.HeadParameters))
            Distance(mine.grad!, expected.grad!).ShouldBeLessThan(1e-6);
    }

    [Fact]
    public void Looking_at_the_last_layer_leaves_no_gradient()
    {
        using var begun = new Begun();
        _ = begun.Step.Jacobian(begun.Step.Losses, GradientPoint.LastSharedLayer);
        begun.Run.Network.Flat.Gradient.abs().sum().item<float>().ShouldBe(0);
        begun.Step.BackwardPasses.ShouldBe(0);
    }

    [Fact]
    public void Gramian_holds_the_inner_products_of_the_rows()
    {
        using var begun = new Begun();
        var gramian = begun.Step.Gramian(begun.Step.Losses, GradientPoint.SharedParameters);
        var rows = begun.Step.Jacobian(begun.Step.Losses, GradientPoint.SharedParameters).to(ScalarType.Float64);
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
        var first = begun.Step.LossesNow();
        Distance(first, stack(begun.Step.Losses)).ShouldBeLessThan(1e-6);
        using (no_grad())
            begun.Run.Network.Flat.Values.mul_(0.5);
        Distance(begun.Step.LossesNow(), first).ShouldBeGreaterThan(1e-3);
        begun.Run.Network.RestoreStatistics();
        foreach (var (buffer, saved) in begun.Run.Network.State().Zip(before).Skip(1))
            buffer.eq(saved).all().item<bool>().ShouldBeTrue();
    }

    [Fact]
    public void Samples_are_batches_of_their_own_beside_which_the_steps_own_graph_stays_whole()
    {
        using var begun = new Begun();
        var before = begun.Run.Network.State();
        var (first, second) = (stack(begun.Step.SampleLosses(0)), stack(begun.Step.SampleLosses(1)));
        Distance(stack(begun.Step.SampleLosses(0)), first).ShouldBe(0);
        Distance(first, second).ShouldBeGreaterThan(1e-4);
        Distance(first, stack(begun.Step.Losses)).ShouldBeGreaterThan(1e-4);
        begun.Step.Jacobian(begun.Step.SampleLosses(0), GradientPoint.SharedParameters).norm(1).gt(0).all().item<bool>().ShouldBeTrue();
        begun.Step.Jacobian(begun.Step.Losses, GradientPoint.SharedParameters).norm(1).gt(0).all().item<bool>().ShouldBeTrue();
        begun.Run.Network.RestoreStatistics();
        foreach (var (buffer, saved) in begun.Run.Network.State().Zip(before))
            buffer.eq(saved).all().item<bool>().ShouldBeTrue();
    }

    [Fact]
    public void A_soft_target_equal_to_the_true_one_gives_the_true_loss()
    {
        using var begun = new Begun();
        var depth = begun.Step.Loss(1, begun.Step.Target(1));
        Distance(depth, begun.Step.Losses[1]).ShouldBeLessThan(1e-6);
    }

    [Fact]
    public void Parameters_are_views_of_one_buffer_and_keep_their_first_values()
    {
        using var run = Tiny.Run();
        var network = run.Network;
        network.Flat.SharedCount.ShouldBe(network.Trunk.parameters().Sum(p => p.numel()));
        using (no_grad())
            network.Flat.Values.fill_(0.25);
        network.Trunk.parameters().Concat(network.HeadParameters).ShouldAllBe(p => p.eq(0.25).all().item<bool>());
    }

    private static IReadOnlyList<Tensor> Objectives(TrainingStep step, bool termAtAnEarlierTap) => termAtAnEarlierTap
        ? [.. step.Losses.Select((loss, task) => loss + step.Features("first", task).pow(2).mean() * (task + 1))]
        : step.Losses;

    private static double Distance(Tensor a, Tensor b) => (a - b).abs().max().to(ScalarType.Float64).item<double>();

    private static Tensor Unpadded(Begun begun, Tensor row) => cat([.. begun.Run.Network.Flat.SharedViews(row).Select(view => view.flatten())]);
}
