using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Training.Strategies;

/// <summary>Batches that go through the network in parts.</summary>
public sealed class AccumulateTests : TensorTest
{
    private static readonly TrainingOptions _training = Tiny.Training with
    {
        Epochs = 8, LearningRate = 0.05, Optimizer = Optimizer.Sgd, Momentum = 0.9, Precision = Precision.Fp64,
    };

    public static TheoryData<string, int> StrategiesAndParts
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var entry in Tiny.Plugins.Entries)
            {
                data.Add(entry.Id, 3); // of 1, 1 and 2 samples
                data.Add(entry.Id, 4);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(StrategiesAndParts))]
    public void Every_strategy_steps_as_with_the_whole_batch(string id, int parts)
    {
        var whole = States(typeof(TinyBenchmark), 1, Tiny.Plugin(id, 0, 1, 2));
        var inParts = States(typeof(TinyBenchmark), parts, Tiny.Plugin(id, 0, 1, 2));
        Same(whole, inParts);
    }

    [Theory]
    [InlineData("uniform")]
    [InlineData("pcgrad")]
    [InlineData("mgda")]
    [InlineData("graddrop")]
    [InlineData("gradnorm")]
    [InlineData("kd-adaptor")]
    [InlineData("moco")]
    public void And_so_where_tasks_have_samples_of_their_own(string id) =>
        Same(States(typeof(TinyOwnImages), 1, Tiny.Plugin(id, 0, 1, 2)), States(typeof(TinyOwnImages), 3, Tiny.Plugin(id, 0, 1, 2)));

    [Theory]
    [InlineData("kd-adaptor", "mgda-ub")] // features beside the representation
    [InlineData("uncertainty", "graddrop")]
    [InlineData("log", "moco")]
    public void And_so_does_every_list(string first, string second) => Same(
        States(typeof(TinyBenchmark), 1, Tiny.Plugin(first, 0, 1, 2), Tiny.Plugin(second, 0, 1, 2)),
        States(typeof(TinyBenchmark), 3, Tiny.Plugin(first, 0, 1, 2), Tiny.Plugin(second, 0, 1, 2)));

    /// <summary>Each part has its own statistics, which move once a part: what a part leaves is made again without moving them.</summary>
    [Fact]
    public void Batch_norm_sees_each_part_once()
    {
        using var run = Run(typeof(TinyModel), typeof(TinyBenchmark), 4, Tiny.Plugin("uniform"));
        using var trainer = Tiny.Begin(run);
        using var expected = nn.BatchNorm2d(5, dtype: ScalarType.Float64);
        var modules = run.Network.Module.named_modules().Select(module => module.module).ToList();
        var first = modules.OfType<TorchSharp.Modules.Conv2d>().Single(layer => layer.weight!.shape[1] == 3);
        var images = run.Take(run.Data.Train, Samples.Range(0, 4, CPU)).Inputs["image"].to(ScalarType.Float64);
        foreach (var image in images.split(1))
            expected.call(first.call(image));

        trainer.TrainStep(0, 0, Samples.Range(0, 4, CPU));

        var moved = modules.OfType<TorchSharp.Modules.BatchNorm2d>().Single();
        (moved.running_mean! - expected.running_mean!).abs().max().item<double>().ShouldBeLessThan(1e-12);
        moved.num_batches_tracked!.item<long>().ShouldBe(4);
    }

    [Fact]
    public void More_parts_than_samples_are_refused() =>
        Should.Throw<InvalidOperationException>(() => States(typeof(TinyBenchmark), 5, Tiny.Plugin("uniform"))).Message.ShouldBe("4 samples do not make 5 parts (`accumulate`)");

    private static void Same(IReadOnlyList<Tensor> whole, IReadOnlyList<Tensor> inParts)
    {
        whole.Count.ShouldBe(inParts.Count);
        foreach (var (mine, theirs) in whole.Zip(inParts))
            (mine - theirs).to(ScalarType.Float64).abs().max().item<double>().ShouldBeLessThan(1e-11);
    }

    /// <summary>All that three steps have changed.</summary>
    private static IReadOnlyList<Tensor> States(Type benchmark, int parts, params Component[] strategies)
    {
        using var run = Run(typeof(TinyPlainModel), benchmark, parts, strategies);
        foreach (var (place, epochs) in run.EpochLosses.Index())
            for (var epoch = 0; epoch < 2; epoch++)
                epochs.Add([.. run.Tasks.Select((_, task) => (1.0 + task) / (1 + epoch * (task + place + 1)))]);
        using var trainer = Tiny.Begin(run);
        var before = run.Network.Flat.Values.clone();
        for (var step = 0; step < 3; step++)
            trainer.TrainStep(0, step, Samples.Range(4 * step, 4, CPU));
        (run.Network.Flat.Values - before).abs().max().item<double>().ShouldBeGreaterThan(1e-4);
        return [run.Network.Flat.Values.clone(), .. run.Setups.SelectMany(setup => setup.State()).Select(state => state.Values.clone()), .. Enumerable.Range(0, 3).Select(trainer.LossesOf).Select(losses => losses.clone())];
    }

    private static RunContext Run(Type model, Type benchmark, int parts, params Component[] strategies)
    {
        var spec = Tiny.Spec(training: _training with { Accumulate = parts }, benchmark: benchmark) with { Strategies = strategies, Model = Tiny.Component("plain", model) };
        var made = spec.Benchmark.CreateBenchmark();
        var run = new RunContext(spec, made, made.Load(new DataContext(null, CPU, default)), CPU) { Teachers = Teachers.Untrained(spec with { Seed = 2 }, made, CPU) };
        run.InitialiseStrategies();
        return run;
    }
}
