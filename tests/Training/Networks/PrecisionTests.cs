using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Training.Networks;

public class PrecisionTests : TensorTest
{
    private static readonly TrainingOptions s_half = Tiny.Training with { Precision = Precision.Bf16 };

    [Fact]
    public void Layers_compute_in_bfloat16_on_float32_values_that_are_those_of_any_run_of_the_seed()
    {
        using var half = Tiny.Run(Tiny.Spec(training: s_half));
        using var full = Tiny.Run();
        half.Network.Module.LastSharedLayer.ShouldAllBe(parameter => parameter.dtype == ScalarType.BFloat16);
        foreach (var ((name, values), (_, expected)) in half.Network.NamedTensors().Zip(full.Network.NamedTensors()))
        {
            values.dtype.ShouldBe(expected.dtype, name);
            values.eq(expected).all().item<bool>().ShouldBeTrue(name);
        }
    }

    [Theory]
    [InlineData(GradientPoint.SharedParameters)]
    [InlineData(GradientPoint.Representation)]
    public void Rows_are_float32_and_point_where_those_of_float32_do(GradientPoint at)
    {
        using var both = new BegunPair(s_half);
        var (rows, expected) = both.Rows(at);
        rows.dtype.ShouldBe(ScalarType.Float32);
        Alike(rows, expected);
        Alike(Heads(both.Other), Heads(both.Single)); // each head keeps its own task's gradient
    }

    [Fact]
    public void Rows_at_the_last_layer_are_float32_and_point_where_those_of_float32_do()
    {
        using var both = new BegunPair(s_half);
        var (rows, expected) = both.LastLayerRows();
        rows.dtype.ShouldBe(ScalarType.Float32);
        Alike(rows, expected);
    }

    [Theory]
    [InlineData(GradientPoint.SharedParameters)]
    [InlineData(GradientPoint.Representation)]
    public void Applied_weights_give_the_gradient_of_float32(GradientPoint at)
    {
        using var both = new BegunPair(s_half);
        var (gradient, expected) = both.Applied(at);
        Alike(gradient.unsqueeze(0), expected.unsqueeze(0));
    }

    [Fact]
    public void Backward_passes_add_up_in_float32()
    {
        using var begun = new Begun(training: s_half);
        var flat = begun.Run.Network.Flat;
        var loss = begun.Losses[0];
        begun.Step.Backward(loss);
        var once = flat.Gradient.clone();
        for (var i = 0; i < 299; i++)
            begun.Step.Backward(loss);

        // In bfloat16 a sum stops growing where the next term is less than 1/256 of it.
        ((flat.Gradient - 300 * once).abs().max() / once.abs().max()).item<float>().ShouldBeLessThan(0.01f);
    }

    [Fact]
    public void Steps_too_small_for_bfloat16_add_up()
    {
        var slow = s_half with { LearningRate = 1e-5, Optimizer = Optimizer.Sgd, Momentum = 0 };
        using var run = Tiny.Run(Tiny.Spec(training: slow));
        using var trainer = new Trainer(run);
        var flat = run.Network.Flat;
        var first = flat.Values.detach().clone();
        run.Network.TrainMode(true);
        trainer.StartEpoch(0);
        trainer.TrainStep(0, 0, Samples.Range(0, 4, CPU));
        var moved = (flat.Values.detach() - first).ne(0);
        var layer = run.Network.Module.LastSharedLayer[0];
        var seen = flat.Master(layer);
        moved.sum().item<long>().ShouldBeGreaterThan(flat.SharedCount / 2);
        layer.eq(seen.to(ScalarType.BFloat16)).all().item<bool>().ShouldBeTrue();
        seen.eq(layer.to(ScalarType.Float32)).all().item<bool>().ShouldBeFalse();
    }

    [Fact]
    public void What_is_restored_or_read_is_what_the_layers_compute_with()
    {
        using var folder = new TemporaryFolder();
        using var run = Tiny.Run(Tiny.Spec(training: s_half));
        using var other = Tiny.Run(Tiny.Spec(seed: 2, training: s_half));
        run.Network.Restore(other.Network.State());
        SameLayer(run.Network, other.Network).ShouldBeTrue();

        var spec = Tiny.Spec(singleTask: "depth", training: s_half);
        using var kept = Tiny.Run(spec);
        using var read = Tiny.Run(spec with { Seed = 3 });
        SameLayer(kept.Network, read.Network).ShouldBeFalse();
        var store = new TeacherStore(folder.Path);
        store.Save(spec, "id", kept.Network, trainSeconds: 1);
        store.Load(spec, "id", read.Network);
        SameLayer(kept.Network, read.Network).ShouldBeTrue();
    }

    [Fact]
    public void Runs_in_float32_keep_the_ids_they_had_before_there_was_a_choice()
    {
        var settings = new Dictionary<string, string> { ["epochs"] = "3" };
        var before = Tiny.Spec() with { TrainingSettings = settings };
        var full = before with { TrainingSettings = new Dictionary<string, string>(settings) { ["precision"] = "fp32" } };
        var half = full with { Training = s_half, TrainingSettings = new Dictionary<string, string>(settings) { ["precision"] = "bf16" } };
        full.Id.ShouldBe(before.Id);
        half.Id.ShouldNotBe(before.Id);
        half.Settings["training.precision"].ShouldBe("bf16");
    }

    private static bool SameLayer(Network a, Network b) => a.Module.LastSharedLayer[0].eq(b.Module.LastSharedLayer[0]).all().item<bool>();

    private static Tensor Heads(Begun begun) => begun.Run.Network.Flat.Gradient[TensorIndex.Slice(begun.Run.Network.Flat.SharedLength)].unsqueeze(0);

    /// <summary>Rows of [rows, values] whose directions and lengths agree to the few digits that bfloat16 has.</summary>
    private static void Alike(Tensor rows, Tensor expected)
    {
        var products = (rows * expected).sum(1) / (rows.norm(1) * expected.norm(1));
        products.min().item<float>().ShouldBeGreaterThan(0.995f);
        (rows.norm(1) / expected.norm(1) - 1).abs().max().item<float>().ShouldBeLessThan(0.05f);
    }
}
