using KdMtlBench.Tests.Support;
using KdMtlBench.Contracts;
using KdMtlBench.Host;
using KdMtlBench.Host.Models;
using TorchSharp;

namespace KdMtlBench.Tests.Models;

public sealed class ModelTests : TensorTest
{
    private static readonly TaskInfo s_segmentation = new("segmentation", TaskKind.Classification, 13);
    private static readonly TaskInfo s_depth = new("depth", TaskKind.Regression, 1);
    private static readonly TaskInfo s_normals = new("normals", TaskKind.Directions, 3);

    [Fact]
    public void SegNet_has_the_published_number_of_parameters()
    {
        using var scope = NewDisposeScope();
        var model = new SegNet(new SegNetOptions());
        using var trunk = model.Trunk([3, 32, 32]);
        var heads = new[] { s_segmentation, s_depth, s_normals }.Select(task => Count(model.Head(trunk, task))).ToArray();
        Count(trunk).ShouldBe(24_943_296);
        (Count(trunk) + heads[0]).ShouldBe(24_981_069);
        (Count(trunk) + heads.Sum()).ShouldBe(25_055_185);
        trunk.LastSharedLayer.Sum(parameter => parameter.numel()).ShouldBe((64 * 64 * 9) + 64);
    }

    [Fact]
    public void LeNet_has_the_published_number_of_parameters()
    {
        var model = new LeNet(new LeNetOptions());
        using var trunk = model.Trunk([1, 36, 36]);
        using var head = model.Head(trunk, new TaskInfo("left", TaskKind.Classification, 10));
        Count(trunk).ShouldBe((25 * 10) + 10 + (10 * 25 * 20) + 20 + (20 * 6 * 6 * 50) + 50);
        Count(head).ShouldBe((50 * 50) + 50 + (50 * 10) + 10);
        trunk.LastSharedLayer.Sum(parameter => parameter.numel()).ShouldBe((20 * 6 * 6 * 50) + 50);
    }

    [Fact]
    public void ResNet26_has_the_published_number_of_parameters()
    {
        var model = new ResNet26(new ResNet26Options());
        using var trunk = model.Trunk([3, 64, 64]);
        using var head = model.Head(trunk, new TaskInfo("digit", TaskKind.Classification, 10));
        Count(trunk).ShouldBe(5_814_688);
        Count(head).ShouldBe((256 * 10) + 10);
        trunk.LastSharedLayer.Sum(parameter => parameter.numel()).ShouldBe(256 * 256 * 9);
    }

    [Fact]
    public void Mtan_is_segnet_with_shared_carriers_and_attention_a_task()
    {
        var model = new Mtan(new MtanOptions());
        using var trunk = model.Trunk([3, 32, 32]);
        using var head = model.Head(trunk, s_segmentation);
        long[] encoder = [64, 128, 256, 512, 512], decoder = [512, 256, 128, 64, 64];
        var carriers = Enumerable.Range(0, 5).Sum(i => Unit(encoder[i], encoder[Math.Min(i + 1, 4)], 9) + Unit(i == 0 ? 512 : decoder[i - 1], decoder[i], 9));
        Count(trunk).ShouldBe(24_943_296 + carriers);
        long[] decoderInputs = [1024, 768, 384, 192, 128];
        var attention = Enumerable.Range(0, 5).Sum(i =>
            Unit((i == 0 ? 1 : 2) * encoder[i], encoder[i], 1) + Unit(encoder[i], encoder[i], 1) + Unit(decoderInputs[i], decoder[i], 1) + Unit(decoder[i], decoder[i], 1));
        Count(head).ShouldBe(attention + (24_981_069 - 24_943_296));

        // A convolution with bias, and the scale and shift of its batch norm.
        static long Unit(long from, long to, long kernel) => (from * to * kernel) + to + (2 * to);
    }

    [Fact]
    public void A_mask_of_mtan_is_the_tasks_own_and_its_carriers_are_shared()
    {
        var model = new Mtan(new MtanOptions { Width = 0.0625, Stages = 2 });
        using var trunk = model.Trunk([3, 16, 24]);
        using var first = model.Head(trunk, s_depth);
        using var second = model.Head(trunk, s_depth);
        var features = trunk.forward(randn(2, 3, 16, 24));
        first.forward(features).sum().backward();
        second.parameters().All(parameter => parameter.grad is null).ShouldBeTrue();
        first.parameters().All(parameter => parameter.grad is not null).ShouldBeTrue();
        trunk.named_parameters().Where(p => p.name.Contains("carriers")).All(p => p.parameter.grad is not null).ShouldBeTrue();
    }

    [Theory]
    [InlineData("mtan", 32, 32)]
    [InlineData("mtan", 63, 95)]
    [InlineData("resnet-26", 8, 8)]
    [InlineData("resnet-26", 64, 64)]
    [InlineData("resnet-26", 33, 50)]
    [InlineData("segnet", 32, 32)]
    [InlineData("segnet", 48, 64)]
    [InlineData("segnet", 63, 95)]
    [InlineData("segnet", 33, 100)]
    [InlineData("lenet", 16, 16)]
    [InlineData("lenet", 17, 40)]
    [InlineData("lenet", 36, 36)]
    public void Features_are_finite_and_have_the_promised_shapes(string model, int height, int width)
    {
        using var scope = NewDisposeScope();
        using var trunk = Model(model).Trunk([3, height, width]);
        using var head = Model(model).Head(trunk, s_segmentation);
        var features = trunk.forward(randn(2, 3, height, width));
        features.Taps.Keys.ShouldBe(trunk.Taps.Select(tap => tap.Name), ignoreOrder: true);
        foreach (var tap in trunk.Taps)
        {
            features.Taps[tap.Name].shape.ShouldBe([2, .. tap.Shape], tap.Name);
            features.Taps[tap.Name].isfinite().all().item<bool>().ShouldBeTrue(tap.Name);
        }

        features.Representation.ShouldBeSameAs(model == "mtan" ? null : features.Taps[trunk.Taps[^1].Name]);
        head.forward(features).shape.ShouldBe(model is "segnet" or "mtan" ? [2, 13, height, width] : [2, 13]);
    }

    [Theory, InlineData("segnet", "encoder-5", "decoder-5"), InlineData("lenet", "conv-2", "fc"), InlineData("mtan", "encoder-5", "decoder-5"), InlineData("resnet-26", "stage-3", "pool")]
    public void Distillation_is_offered_the_usual_taps(string model, params string[] names)
    {
        using var trunk = Model(model).Trunk([1, 32, 32]);
        trunk.Taps.Where(tap => tap.Suggested).Select(tap => tap.Name).ShouldBe(names);
    }

    [Theory, InlineData("segnet", 31, 64), InlineData("segnet", 64, 31), InlineData("lenet", 15, 64), InlineData("lenet", 64, 15), InlineData("mtan", 31, 64), InlineData("resnet-26", 7, 64)]
    public void Images_that_are_too_small_are_refused(string model, int height, int width) =>
        Should.Throw<InputException>(() => Model(model).Trunk([3, height, width])).Message.ShouldContain($"[3, {height}, {width}]");

    [Theory, InlineData("segnet"), InlineData("lenet"), InlineData("mtan"), InlineData("resnet-26")]
    public void Every_parameter_is_reached_by_every_task(string model)
    {
        using var scope = NewDisposeScope();
        using var trunk = Model(model).Trunk([3, 64, 64]);
        using var head = Model(model).Head(trunk, s_depth);
        head.forward(trunk.forward(randn(4, 3, 64, 64))).square().sum().backward();
        foreach (var (name, parameter) in trunk.named_parameters().Concat(head.named_parameters()))
            parameter.grad.ShouldNotBeNull(name).isfinite().all().item<bool>().ShouldBeTrue(name);
        trunk.LastSharedLayer.ShouldBeSubsetOf(trunk.parameters());
        trunk.LastSharedLayer.ShouldAllBe(parameter => parameter.grad!.abs().sum().item<float>() > 0 || parameter.ndim == 1);
    }

    [Theory, InlineData("segnet"), InlineData("lenet"), InlineData("mtan"), InlineData("resnet-26")]
    public void A_forward_pass_leaves_only_its_features(string model)
    {
        using var trunk = Model(model).Trunk([3, 32, 32]);
        using var inputs = randn(2, 3, 32, 32);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (NewDisposeScope())
        {
            trunk.forward(inputs);
            (DisposeScopeManager.Statistics.ThreadTotalLiveCount - before).ShouldBe(trunk.Taps.Count);
        }

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
    }

    [Fact]
    public void Weights_are_drawn_with_the_variance_that_a_relu_asks_for()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var trunk = new SegNet(new SegNetOptions { Width = 0.5 }).Trunk([3, 32, 32]);
        foreach (var (name, parameter) in trunk.named_parameters().Where(p => p.parameter.ndim == 4))
        {
            var inputs = parameter.shape[1] * 9;
            (parameter.std().item<float>() * Math.Sqrt(inputs / 2.0)).ShouldBe(1, 0.1, name);
        }
    }

    private static IModel Model(string id) => id switch
    {
        "segnet" => new SegNet(new SegNetOptions { Width = 0.125 }),
        "mtan" => new Mtan(new MtanOptions { Width = 0.125 }),
        "resnet-26" => new ResNet26(new ResNet26Options { Width = 0.125 }),
        _ => new LeNet(new LeNetOptions()),
    };

    private static long Count(nn.Module module) => module.parameters().Sum(parameter => parameter.numel());
}
