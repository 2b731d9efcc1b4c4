using CsCheck;
using KdMtlBench.Host.Models;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Models;

public sealed class ModelTests : TensorTest
{
    private static readonly TaskInfo s_segmentation = new("segmentation", TaskKind.Classification, 13);
    private static readonly TaskInfo s_depth = new("depth", TaskKind.Regression, 1);
    private static readonly TaskInfo s_normals = new("normals", TaskKind.Directions, 3);
    private static readonly TaskInfo[] s_tasks = [s_segmentation, s_depth, s_normals];

    [Fact]
    public void SegNet_has_the_published_number_of_parameters()
    {
        using var scope = NewDisposeScope();
        var model = new SegNet(new SegNetOptions());
        using var trunk = model.Trunk([InputInfo.Image(3, 32, 32)]);
        var heads = s_tasks.Select(task => Count(model.Head(trunk, task))).ToArray();
        Count(trunk).ShouldBe(24_943_296);
        (Count(trunk) + heads[0]).ShouldBe(24_981_069);
        (Count(trunk) + heads.Sum()).ShouldBe(25_055_185);
        trunk.LastSharedLayer.Sum(parameter => parameter.numel()).ShouldBe((64 * 64 * 9) + 64);
    }

    [Fact]
    public void Mtan_has_the_published_number_of_parameters()
    {
        using var scope = NewDisposeScope();
        var model = new Mtan(new MtanOptions());
        using var trunk = model.Trunk([InputInfo.Image(3, 32, 32)]);
        long[] encoder = [64, 128, 256, 512, 512, 512];
        long[] decoder = [512, 512, 256, 128, 64, 64];
        var carriers = encoder.Zip(encoder.Skip(1), Carrier).Concat(decoder.Zip(decoder.Skip(1), Carrier)).Sum();
        Count(trunk).ShouldBe(24_943_296 + carriers);

        long[] into = [64, 256, 512, 1024, 1024, 1024, 768, 384, 192, 128];
        long[] outOf = [64, 128, 256, 512, 512, 512, 256, 128, 64, 64];
        var masks = into.Zip(outOf, (from, to) => (from * to) + to + (2 * to) + (to * to) + to + (2 * to)).Sum();
        var heads = s_tasks.Select(task => Count(model.Head(trunk, task))).ToArray();
        heads[0].ShouldBe(masks + 24_981_069 - 24_943_296);
        heads.Sum().ShouldBe((3 * masks) + 25_055_185 - 24_943_296);

        // Liu, Johns & Davison 2019, table 2: 1.77 times the single-task SegNet.
        ((double)(Count(trunk) + heads.Sum()) / 24_981_069).ShouldBe(1.77, 0.005);

        static long Carrier(long from, long to) => (9 * from * to) + to + (2 * to);
    }

    [Fact]
    public void ResNet_26_has_the_published_number_of_parameters()
    {
        using var scope = NewDisposeScope();
        var model = new ResNet26(new ResNet26Options());
        using var trunk = model.Trunk([InputInfo.Image(3, 64, 64)]);
        Count(trunk).ShouldBe(5_814_688);
        Count(model.Head(trunk, s_segmentation)).ShouldBe((256 * 13) + 13);
        trunk.LastSharedLayer.Sum(parameter => parameter.numel()).ShouldBe(256 * 256 * 9);
    }

    [Fact]
    public void LeNet_has_the_published_number_of_parameters()
    {
        var model = new LeNet(new LeNetOptions());
        using var trunk = model.Trunk([InputInfo.Image(1, 36, 36)]);
        using var head = model.Head(trunk, new TaskInfo("left", TaskKind.Classification, 10));
        Count(trunk).ShouldBe((25 * 10) + 10 + (10 * 25 * 20) + 20 + (20 * 6 * 6 * 50) + 50);
        Count(head).ShouldBe((50 * 50) + 50 + (50 * 10) + 10);
        trunk.LastSharedLayer.Sum(parameter => parameter.numel()).ShouldBe((20 * 6 * 6 * 50) + 50);
    }

    [Theory]
    [InlineData("segnet", 32, 32)]
    [InlineData("segnet", 48, 64)]
    [InlineData("segnet", 63, 95)]
    [InlineData("segnet", 33, 100)]
    [InlineData("mtan", 32, 64)]
    [InlineData("mtan", 63, 95)]
    [InlineData("resnet-26", 8, 8)]
    [InlineData("resnet-26", 64, 64)]
    [InlineData("resnet-26", 33, 50)]
    [InlineData("lenet", 16, 16)]
    [InlineData("lenet", 17, 40)]
    [InlineData("lenet", 36, 36)]
    public void Features_are_finite_and_have_the_promised_shapes(string model, int height, int width) =>
        CheckShapes(Model(model), 3, height, width);

    [Fact]
    public void Any_options_and_any_size_give_the_promised_shapes() =>
        Gen.Select(Gen.Int[0, 3], Gen.Double[0.02, 0.1], Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[32, 70], Gen.Int[32, 70])
            .Sample(
                (kind, width, stages, channels, height, breadth) => CheckShapes(
                    kind switch
                    {
                        0 => new SegNet(new SegNetOptions { Width = width, Stages = stages }),
                        1 => new Mtan(new MtanOptions { Width = width, Stages = stages }),
                        2 => new ResNet26(new ResNet26Options { Width = width }),
                        _ => (TrunkAndHeads)new LeNet(new LeNetOptions { Width = 10 * width }),
                    },
                    channels,
                    height,
                    breadth),
                iter: 60,
                threads: 1);

    [Theory]
    [InlineData("segnet", "encoder-5", "decoder-5")]
    [InlineData("mtan", "encoder-5", "decoder-5")]
    [InlineData("resnet-26", "stage-3", "pool")]
    [InlineData("lenet", "conv-2", "fc")]
    public void Distillation_is_offered_the_usual_taps(string model, params string[] names)
    {
        using var trunk = Model(model).Trunk([InputInfo.Image(1, 32, 32)]);
        trunk.Taps.Where(tap => tap.Suggested).Select(tap => tap.Name).ShouldBe(names);
        trunk.Taps.Select(tap => tap.Name).ShouldBeUnique();
        trunk.Taps.ShouldAllBe(tap => tap.Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));
    }

    [Theory]
    [InlineData("segnet", 31, 64)]
    [InlineData("segnet", 64, 31)]
    [InlineData("mtan", 64, 31)]
    [InlineData("resnet-26", 7, 64)]
    [InlineData("resnet-26", 64, 7)]
    [InlineData("lenet", 15, 64)]
    [InlineData("lenet", 64, 15)]
    public void Images_that_are_too_small_are_refused(string model, int height, int width)
    {
        var message = Should.Throw<InputException>(() => Model(model).Trunk([InputInfo.Image(3, height, width)])).Message;
        message.ShouldContain($"[3, {height}, {width}]");
        message.ShouldContain($"model {model}");
    }

    [Theory, InlineData("segnet"), InlineData("mtan"), InlineData("resnet-26"), InlineData("lenet")]
    public void Every_parameter_is_reached_by_every_task(string model)
    {
        using var scope = NewDisposeScope();
        using var trunk = InHostLayout(Model(model).Trunk([InputInfo.Image(3, 64, 64)]));
        using var head = InHostLayout(Model(model).Head(trunk, s_depth));
        head.forward(trunk.forward(Shown(randn(4, 3, 64, 64)))).square().sum().backward();
        foreach (var (name, parameter) in trunk.named_parameters().Concat(head.named_parameters()))
            parameter.grad.ShouldNotBeNull(name).isfinite().all().item<bool>().ShouldBeTrue(name);
        trunk.LastSharedLayer.ShouldBeSubsetOf(trunk.parameters());
        trunk.LastSharedLayer.ShouldAllBe(parameter => parameter.grad!.abs().sum().item<float>() > 0 || parameter.ndim == 1);
    }

    [Theory, InlineData("segnet"), InlineData("mtan"), InlineData("resnet-26"), InlineData("lenet")]
    public void A_network_of_one_task_and_of_three_start_from_the_same_trunk(string id)
    {
        using var scope = NewDisposeScope();
        using var all = Network.Create(Model(id), [InputInfo.Image(3, 32, 32)], s_tasks, seed: 1, CPU);
        using var one = Network.Create(Model(id), [InputInfo.Image(3, 32, 32)], [s_segmentation], seed: 1, CPU);
        one.Flat.SharedCount.ShouldBe(one.Module.SharedParameters.Sum(parameter => parameter.numel()));
        one.Flat.SharedCount.ShouldBe(all.Flat.SharedCount);
        foreach (var (a, b) in all.Module.SharedParameters.Zip(one.Module.SharedParameters))
            a.equal(b).all().item<bool>().ShouldBeTrue();
        var batch = new Batch("image", randn(2, 3, 32, 32), []);
        all.Predict(batch).Select(prediction => prediction.shape[1]).ShouldBe([13, 1, 3]);
        one.Predict(batch).Count.ShouldBe(1);
    }

    [Fact]
    public void Mtans_branches_share_the_carriers_and_nothing_else_of_the_attention()
    {
        using var scope = NewDisposeScope();
        using var network = Network.Create(Model("mtan"), [InputInfo.Image(3, 32, 32)], [s_segmentation, s_depth], seed: 1, CPU);
        var predictions = network.Predict(new Batch("image", randn(2, 3, 32, 32), []));
        predictions[0].square().sum().backward();
        var heads = network.TaskParameters;
        var ofFirst = heads.Take(heads.Count / 2).ToList();
        heads.Count.ShouldBe(2 * ofFirst.Count);
        ofFirst.ShouldAllBe(parameter => parameter.grad!.abs().sum().item<float>() > 0 || parameter.ndim == 1);
        heads.Skip(ofFirst.Count).ShouldAllBe(parameter => parameter.grad!.abs().sum().item<float>() == 0);
        network.Module.named_parameters().Where(p => p.name.Contains("carriers") && p.parameter.ndim == 4)
            .ShouldAllBe(p => p.parameter.grad!.abs().sum().item<float>() > 0);
    }

    /// <summary>Against the published rule written out for two stages, with the trunk's and the head's own layers by name.</summary>
    [Fact]
    public void Mtan_computes_what_the_paper_says()
    {
        using var scope = NewDisposeScope();
        var model = new Mtan(new MtanOptions { Width = 0.05, Stages = 2 });
        using var trunk = InHostLayout(model.Trunk([InputInfo.Image(3, 8, 12)]));
        using var head = InHostLayout(model.Head(trunk, s_normals));
        trunk.eval();
        head.eval();
        var taps = trunk.forward(Shown(randn(2, 3, 8, 12)));
        var own = head.named_modules().ToDictionary(m => m.name, m => m.module);
        var shared = trunk.named_modules().ToDictionary(m => m.name, m => m.module);

        var mask = Call(own["encoder-masks.0"], taps.Taps["encoder-1-first"]);
        var map = nn.functional.max_pool2d(Call(shared["encoder-carriers.0"], mask * taps.Taps["encoder-1-last"]), 2);
        mask = Call(own["encoder-masks.1"], cat([taps.Taps["encoder-2-first"], map], 1));
        map = nn.functional.max_pool2d(Call(shared["encoder-carriers.1"], mask * taps.Taps["encoder-2-last"]), 2);
        map = Call(shared["decoder-carriers.0"], Doubled(map));
        map = Call(own["decoder-masks.0"], cat([taps.Taps["decoder-1-unpooled"], map], 1)) * taps.Taps["decoder-1"];
        map = Call(shared["decoder-carriers.1"], Doubled(map));
        map = Call(own["decoder-masks.1"], cat([taps.Taps["decoder-2-unpooled"], map], 1)) * taps.Taps["decoder-2"];
        var expected = Call(own["layers"], map);
        head.forward(taps).allclose(expected, 1e-4, 1e-5).ShouldBeTrue();

        static Tensor Call(nn.Module module, Tensor input) => ((nn.Module<Tensor, Tensor>)module).forward(input);

        // Corners stay, and what lies between is on the line: output i of n stands at i (m − 1) / (n − 1).
        static Tensor Doubled(Tensor small)
        {
            return Matrix(small.shape[2]).matmul(small).matmul(Matrix(small.shape[3]).t());

            static Tensor Matrix(long from)
            {
                var rows = zeros(2 * from, from);
                for (var i = 0; i < 2 * from; i++)
                {
                    var at = i * (from - 1) / ((2.0 * from) - 1);
                    var left = Math.Min((long)at, Math.Max(0, from - 2));
                    rows[i, left] = 1 - (at - left);
                    if (from > 1)
                        rows[i, left + 1] = at - left;
                }

                return rows;
            }
        }
    }

    [Fact]
    public void ResNets_shortcut_averages_and_appends_zeros()
    {
        using var scope = NewDisposeScope();
        using var block = new ResNet26Trunk.Block(2, 3, halves: true);
        using (no_grad())
            foreach (var parameter in block.parameters().Where(parameter => parameter.ndim == 4))
                parameter.zero_(); // what is left is the shortcut
        var output = block.forward(arange(18, dtype: ScalarType.Float32).view(1, 2, 3, 3));
        output.flatten().data<float>().ToArray().ShouldBe([2, 3.5f, 6.5f, 8, 11, 12.5f, 15.5f, 17, 0, 0, 0, 0]);
    }

    [Theory, InlineData("segnet"), InlineData("mtan"), InlineData("resnet-26"), InlineData("lenet")]
    public void A_forward_pass_leaves_only_its_features_and_its_prediction(string model)
    {
        using var trunk = Model(model).Trunk([InputInfo.Image(3, 32, 32)]);
        using var head = Model(model).Head(trunk, s_depth);
        using var inputs = randn(2, 3, 32, 32);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (NewDisposeScope())
        {
            var features = trunk.forward(Shown(inputs));
            (DisposeScopeManager.Statistics.ThreadTotalLiveCount - before).ShouldBe(trunk.Taps.Count);
            head.forward(features);
            (DisposeScopeManager.Statistics.ThreadTotalLiveCount - before).ShouldBe(trunk.Taps.Count + 1);
        }

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
    }

    [Fact]
    public void Weights_are_drawn_with_the_variance_that_a_relu_asks_for()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var trunk = new SegNet(new SegNetOptions { Width = 0.5 }).Trunk([InputInfo.Image(3, 32, 32)]);
        foreach (var (name, parameter) in trunk.named_parameters().Where(p => p.parameter.ndim == 4))
        {
            var inputs = parameter.shape[1] * 9;
            (parameter.std().item<float>() * Math.Sqrt(inputs / 2.0)).ShouldBe(1, 0.1, name);
        }
    }

    private static NetworkInputs Shown(Tensor images) => new(new Dictionary<string, Tensor> { ["image"] = images }, images.shape[0], [0]);

    private static void CheckShapes(TrunkAndHeads model, long channels, long height, long width)
    {
        using var scope = NewDisposeScope();
        using var trunk = InHostLayout(model.Trunk([InputInfo.Image(channels, height, width)]));
        using var head = InHostLayout(model.Head(trunk, s_segmentation));
        var features = trunk.forward(Shown(randn(2, channels, height, width)));
        features.Taps.Keys.ShouldBe(trunk.Taps.Select(tap => tap.Name), ignoreOrder: true);
        foreach (var tap in trunk.Taps)
        {
            features.Taps[tap.Name].shape.ShouldBe([2, .. tap.Shape], tap.Name);
            features.Taps[tap.Name].isfinite().all().item<bool>().ShouldBeTrue(tap.Name);
        }

        features.Representation.ShouldBeSameAs(model is Mtan ? null : features.Taps[trunk.Taps[^1].Name]);
        head.forward(features).shape.ShouldBe(model is SegNet or Mtan ? [2, 13, height, width] : [2, 13]);
    }

    /// <summary>With weights as the host lays them out. In the other layout oneDNN 3.7 was seen to read memory that nothing has written,
    /// where numbers of channels are not multiples of 16.</summary>
    private static T InHostLayout<T>(T module)
        where T : nn.Module
    {
        using var noGradient = no_grad();
        foreach (var (_, parameter) in module.named_parameters())
            if (parameter.ndim == 4)
                parameter.set_(ChannelsLast.Of(parameter));
        return module;
    }

    [Theory]
    [InlineData("segnet")]
    [InlineData("mtan")]
    [InlineData("resnet-26")]
    [InlineData("lenet")]
    public void Every_model_computes_in_float64_what_it_does_in_float32_but_for_rounding(string id)
    {
        using var scope = NewDisposeScope();
        TaskInfo[] tasks = id is "segnet" or "mtan" ? [s_depth] : [new("digit", TaskKind.Classification, 10)];
        using var whole = Network.Create(Model(id), [InputInfo.Image(3, 32, 32)], tasks, seed: 1, CPU, Host.Runs.Precision.Fp64);
        using var single = Network.Create(Model(id), [InputInfo.Image(3, 32, 32)], tasks, seed: 1, CPU);
        var batch = new Batch("image", rand([4, 3, 32, 32], generator: new Generator(3)), [zeros(4)]);
        var (values, expected) = (whole.Predict(batch)[0], single.Predict(batch)[0]);
        values.dtype.ShouldBe(ScalarType.Float64);
        whole.NamedTensors().Where(tensor => tensor.Values.is_floating_point()).ShouldAllBe(tensor => tensor.Values.dtype == ScalarType.Float64);
        ((values - expected).abs().max() / expected.abs().max()).item<double>().ShouldBeLessThan(1e-3);
    }

    [Fact]
    public void A_point_moves_to_float64_as_a_whole()
    {
        using var scope = NewDisposeScope();
        using var network = Network.Create(new Host.Models.Point(), [InputInfo.Vector(2)], [new("f1", TaskKind.Regression, 1)], seed: 1, CPU, Host.Runs.Precision.Fp64);
        network.Module.LastSharedLayer.Single().dtype.ShouldBe(ScalarType.Float64);
        network.Predict(new Batch("vector", tensor(new[,] { { 1f, 2 } }), []))[0].data<double>().ShouldBe([1, 2]);
    }

    private static TrunkAndHeads Model(string id) => id switch
    {
        "segnet" => new SegNet(new SegNetOptions { Width = 0.125 }),
        "mtan" => new Mtan(new MtanOptions { Width = 0.125 }),
        "resnet-26" => new ResNet26(new ResNet26Options { Width = 0.25 }),
        _ => new LeNet(new LeNetOptions()),
    };

    private static long Count(nn.Module module) => module.parameters().Sum(parameter => parameter.numel());
}
