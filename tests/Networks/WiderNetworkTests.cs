using KdMtlBench.Host.Models;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps.Checks;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Host.Training.Strategies;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Networks;

/// <summary>Networks that are no trunk with heads, and inputs that are no image, trained by the host with every strategy.</summary>
public sealed class WiderNetworkTests : TensorTest
{
    private static readonly (Type Model, Type Benchmark)[] _settings =
        [(typeof(CrossStitch), typeof(Table)), (typeof(Cgc), typeof(Table)), (typeof(MessagePassing), typeof(Graphs))];

    public static IEnumerable<object[]> Runs =>
        from setting in _settings
        from strategy in Tiny.Plugins.Entries
        select new object[] { setting.Model, setting.Benchmark, strategy.Id };

    [Theory, MemberData(nameof(Runs))]
    public void Every_strategy_trains_them_or_is_refused_before_the_start(Type model, Type benchmark, string strategy)
    {
        using var scope = NewDisposeScope();
        int[] weights = benchmark == typeof(Graphs) ? [0, 1] : [0, 1, 2, 0];
        var spec = Spec(model, benchmark, Tiny.Plugin(strategy, weights)) with { Training = Training with { Epochs = 6 } };
        var tasks = spec.Benchmark.CreateBenchmark();
        using var data = tasks.Load(new DataContext(null, CPU, default));
        var facts = Trial.Fit(spec.Model, spec.Benchmark, tasks, data, 1, CPU);
        if (SweepChecks.Faults(spec, spec.Strategies[0], facts).ToList() is { Count: > 0 } faults)
        {
            model.ShouldNotBe(typeof(MessagePassing), faults[0]);
            strategy.ShouldBeOneOf("graddrop", "mgda-ub", "gradnorm");
            return;
        }

        using var teachers = Teachers.NeededBy(spec) ? Teachers.Untrained(spec, tasks, CPU) : null;
        using var run = new RunContext(spec, tasks, data, CPU) { Teachers = teachers };
        run.InitialiseStrategies();
        using var before = run.Network.Flat.Values.clone();
        using var trainer = new Trainer(run);
        trainer.Train(_ => { }, default);
        trainer.Curve.Count.ShouldBe(6);
        run.SharedParameters.ShouldAllBe(parameter => parameter.isfinite().all().item<bool>());
        (run.Network.Flat.Values - before).narrow(0, 0, run.Network.Flat.SharedLength).abs().sum().item<float>().ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Strategies_at_a_shared_representation_need_one()
    {
        foreach (var (model, benchmark) in _settings)
        {
            var spec = Spec(model, benchmark, Tiny.Plugin("mgda-ub"));
            var tasks = spec.Benchmark.CreateBenchmark();
            using var data = tasks.Load(new DataContext(null, CPU, default));
            var facts = Trial.Fit(spec.Model, spec.Benchmark, tasks, data, 1, CPU);
            facts.HasRepresentation.ShouldBe(model == typeof(MessagePassing));
            facts.HasTaskRepresentations.ShouldBeTrue();
            facts.HasLastSharedLayer.ShouldBe(model == typeof(MessagePassing));
        }
    }

    [Theory, InlineData(typeof(CrossStitch), typeof(Table)), InlineData(typeof(Cgc), typeof(Table)), InlineData(typeof(MessagePassing), typeof(Graphs))]
    public void A_row_is_the_gradient_of_its_tasks_loss_at_what_the_network_counts_as_shared(Type model, Type benchmark)
    {
        using var scope = NewDisposeScope();
        var spec = Spec(model, benchmark, Tiny.Component("sum", typeof(Tiny.Sum))) with { Training = Training with { Precision = Precision.Fp64 } };
        using var run = Tiny.Run(spec);
        using var log = new EpochLog(run);
        using var step = new TrainingStep(run, log);
        step.Begin(0, 0, run.Draw(run.Data.Train, run.BatchOf(run.Order(0), 0), 0));
        var expected = step.Pass.Losses.Select(loss =>
        {
            var gradients = autograd.grad([loss], run.SharedParameters, retain_graph: true, allow_unused: true);
            return cat([.. gradients.Zip(run.SharedParameters, step.FlatOrZero)]);
        }).ToList();
        var rows = step.SharedRows(step.Pass.Losses);
        rows.shape[0].ShouldBe(run.Tasks.Count);
        foreach (var (i, row) in expected.Index())
            (row.sum() - rows[i].sum()).abs().item<double>().ShouldBeLessThan(1e-12);
        foreach (var (i, row) in expected.Index())
            (row.square().sum() - rows[i].square().sum()).abs().item<double>().ShouldBeLessThan(1e-12); // the rows' padding is zero
        run.Data.Dispose();
    }

    [Fact]
    public void Cross_stitched_columns_with_units_of_the_identity_know_nothing_of_each_other()
    {
        using var scope = NewDisposeScope();
        using var network = new CrossStitch.Columns(Infos<Table>());
        var units = network.SharedParameters.Where(parameter => parameter.ndim == 2 && parameter.shape[0] == 4 && parameter.shape[1] == 4).ToList();
        units.Count.ShouldBe(CrossStitch.Layers);
        Reached(network, task: 1).ShouldBe(network.SharedParameters.Count, "every column reaches every task");
        using (no_grad())
            units.ForEach(unit => unit.copy_(eye(4)));
        // Of a column: three tensors of its first layer, two of its second; and the units.
        Reached(network, task: 1).ShouldBe(3 + 2 + CrossStitch.Layers);
    }

    [Fact]
    public void A_gated_branch_reaches_the_shared_experts_and_no_other_branch()
    {
        using var scope = NewDisposeScope();
        using var network = new Cgc.Gated(Infos<Table>());
        Reached(network, task: 2).ShouldBe(network.SharedParameters.Count);
        network.TaskParameters(2).ShouldAllBe(parameter => parameter.grad!.abs().sum().item<float>() > 0);
        network.TaskParameters(1).ShouldAllBe(parameter => ReferenceEquals(parameter.grad, null) || parameter.grad.abs().sum().item<float>() == 0);
    }

    [Fact]
    public void A_graph_is_predicted_the_same_in_any_batch()
    {
        using var scope = NewDisposeScope();
        using var run = Tiny.Run(Spec(typeof(MessagePassing), typeof(Graphs), Tiny.Component("sum", typeof(Tiny.Sum))) with { Training = Training with { Precision = Precision.Fp64 } });
        var together = run.Network.Predict(run.Take(run.Data.Test, Samples.Of([7, 2, 11], CPU)));
        foreach (var (place, graph) in new long[] { 7, 2, 11 }.Index())
            foreach (var (task, alone) in run.Network.Predict(run.Take(run.Data.Test, Samples.Of([graph], CPU))).Index())
                (together[task][place] - alone[0]).abs().item<double>().ShouldBeLessThan(1e-12);
        run.Data.Dispose();
    }

    [Theory, InlineData(typeof(CrossStitch), typeof(Table)), InlineData(typeof(Cgc), typeof(Table)), InlineData(typeof(MessagePassing), typeof(Graphs))]
    public void Training_lowers_every_loss_and_the_same_seed_gives_the_same_bits(Type model, Type benchmark)
    {
        var curves = Enumerable.Range(0, 2).Select(_ =>
        {
            using var run = Tiny.Run(Spec(model, benchmark, Tiny.Plugin("pcgrad")) with { Training = Training with { Epochs = 15 } });
            using var trainer = new Trainer(run);
            trainer.Train(_ => { }, default);
            run.Data.Dispose();
            return trainer.Curve;
        }).ToList();
        foreach (var (task, loss) in curves[0][0].TrainLosses)
            curves[0][^1].TrainLosses[task].ShouldBeLessThan(loss);
        curves[1].Select(epoch => epoch.Validation.Values.Concat(epoch.TrainLosses.Values)).ShouldBe(curves[0].Select(epoch => epoch.Validation.Values.Concat(epoch.TrainLosses.Values)));
    }

    [Theory]
    [InlineData("left", "has a parameter `own.weight` that is neither shared nor one task's own; name it in SharedParameters or TaskParameters")]
    [InlineData("twice", "counts its parameter `shared.weight` more than once among those that are shared and those that are one task's own")]
    [InlineData("unregistered", "counts parameters as shared or one task's own that it has not registered; register its modules, and gather their parameters whenever asked")]
    public void A_network_that_miscounts_its_parameters_is_refused(string slip, string said) =>
        Should.Throw<InputException>(() => Network.Create(new Miscounting(slip), [InputInfo.Vector(2)], [new("a", TaskKind.Regression, 1)], 1, CPU)).Message.ShouldBe(said);

    /// <summary>Counting the masks as shared changes what gradient strategies act on, and nothing where the losses are just added up.</summary>
    [Theory, InlineData("uniform", true), InlineData("mgda", false)]
    public void Mtans_attention_can_be_counted_as_shared(string strategy, bool same)
    {
        var values = new[] { false, true }.Select(shared =>
        {
            using var scope = NewDisposeScope();
            var spec = Tiny.Spec() with
            {
                Model = Tiny.Component("mtan", typeof(Mtan), new MtanOptions { Width = 0.05, Stages = 2, SharedAttention = shared }),
                Strategies = [Tiny.Plugin(strategy)],
            };
            using var run = Tiny.Run(spec);
            var attention = run.Network.Module.named_parameters().Where(p => p.name.Contains("masks")).Sum(p => p.parameter.numel());
            attention.ShouldBeGreaterThan(0);
            var carried = run.Network.Module.named_parameters().Where(p => p.name.StartsWith("trunk", StringComparison.Ordinal)).Sum(p => p.parameter.numel());
            run.Network.Flat.SharedCount.ShouldBe(shared ? carried + attention : carried);
            using var trainer = new Trainer(run);
            trainer.Train(_ => { }, default);
            run.Data.Dispose();
            return trainer.Curve[^1].TrainLosses["depth"];
        }).ToList();
        (values[0] == values[1]).ShouldBe(same, $"{values[0]:r} and {values[1]:r}");
    }

    private static TrainingOptions Training { get; } = new() { Epochs = 3, BatchSize = 16, LearningRate = 0.01 };

    private static RunSpec Spec(Type model, Type benchmark, Component strategy) => new(
        Tiny.Component(benchmark.Name.ToLowerInvariant(), benchmark), Tiny.Component(model.Name.ToLowerInvariant(), model), Training, new Dictionary<string, string>(), [strategy], null, 1);

    private static TaskInfo[] Infos<T>()
        where T : IBenchmark, new() => [.. new T().Tasks.Select(task => task.Info)];

    /// <summary>How many of the shared parameters the prediction of a task depends on.</summary>
    private static int Reached(MultiTaskNetwork network, int task)
    {
        foreach (var parameter in network.parameters())
            parameter.grad = null;
        using var data = new Table().Load(new DataContext(null, CPU, default));
        var batch = data.Train.Take(Samples.Range(0, 16, CPU));
        network.forward(new NetworkInputs(batch.Inputs, batch.Count, [0, 1, 2, 3])).Tasks[task].Prediction.square().sum().backward();
        return network.SharedParameters.Count(parameter => !ReferenceEquals(parameter.grad, null) && parameter.grad.abs().sum().item<float>() > 0);
    }

    private sealed class Miscounting(string slip) : IModel
    {
        public MultiTaskNetwork Build(IReadOnlyList<InputInfo> inputs, IReadOnlyList<TaskInfo> tasks) => new Layers(slip);

        private sealed class Layers : MultiTaskNetwork
        {
            private readonly string _slip;
            private readonly TorchSharp.Modules.Linear _shared = nn.Linear(2, 2);
            private readonly TorchSharp.Modules.Linear _own = nn.Linear(2, 1, hasBias: false);

            public Layers(string slip)
                : base("layers")
            {
                _slip = slip;
                register_module("shared", _shared);
                if (slip != "unregistered")
                    register_module("own", _own);
            }

            public override IReadOnlyList<FeatureTap> Taps => [];

            public override IReadOnlyList<TorchSharp.Modules.Parameter> SharedParameters => [_shared.weight, _shared.bias!];

            public override IReadOnlyList<TorchSharp.Modules.Parameter> TaskParameters(int task) => _slip switch
            {
                "left" => [],
                "twice" => [_own.weight, _shared.weight],
                _ => [_own.weight],
            };

            public override NetworkOutputs forward(NetworkInputs inputs) => throw new NotSupportedException();
        }
    }
}
