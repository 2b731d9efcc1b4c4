using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Host.Training.Strategies;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Training.Strategies;

/// <summary>Tasks without a label in a batch, and samples without one.</summary>
public sealed class MissingLabelTests : TensorTest
{
    private static readonly long[] _unlabelled = [3, 1, 4, 8];

    private static readonly TrainingOptions _training = Tiny.Training with
    {
        Epochs = 8, LearningRate = 0.05, Optimizer = Optimizer.Sgd, Momentum = 0, Precision = Precision.Fp64,
    };

    public static IEnumerable<object[]> StrategiesAndTasks =>
        Tiny.Plugins.Entries.SelectMany(entry => new object[][] { [entry.Id, 0], [entry.Id, 1] });

    [Theory, MemberData(nameof(StrategiesAndTasks))]
    public void A_step_without_a_task_is_a_step_of_the_others_from_the_same_state(string id, int absent)
    {
        int[] present = [.. Enumerable.Range(0, 3).Where(task => task != absent)];
        using var all = new Half(id, [0, 1, 2], absent);
        using var others = new Half(id, present, null);
        for (var step = 0; step < 3; step++)
            all.Trainer.TrainStep(0, step, Samples.Range(9 + step, 4, CPU)); // with every label
        others.TakeOver(all, present);
        var before = all.EntriesOf(absent);

        all.Trainer.TrainStep(0, 3, Samples.Of(_unlabelled, CPU));
        others.Trainer.TrainStep(0, 3, Samples.Of(_unlabelled, CPU));

        foreach (var ((name, mine), (_, theirs)) in all.State(present).Zip(others.State([0, 1])))
            (mine - theirs).to(ScalarType.Float64).abs().max().item<double>().ShouldBeLessThan(1e-12, name);
        foreach (var ((name, now), (_, then)) in all.EntriesOf(absent).Zip(before))
            Same(now, then).ShouldBeTrue($"{name} of the absent task has moved");
    }

    [Theory]
    [InlineData(Optimizer.Adam)]
    [InlineData(Optimizer.AdamW)]
    [InlineData(Optimizer.Sgd)]
    public void An_absent_tasks_head_stands_still_whatever_the_optimiser_carries_on(Optimizer optimizer)
    {
        using var run = Run([0, 1, 2], absent: 1, _training with { Optimizer = optimizer, Momentum = 0.9, WeightDecay = 0.1 });
        using var trainer = Tiny.Begin(run);
        trainer.TrainStep(0, 0, Samples.Range(9, 4, CPU));
        var before = HeadsOf(run);
        trainer.TrainStep(0, 1, Samples.Of(_unlabelled, CPU));
        HeadsOf(run).Zip(before, Same).ShouldBe([false, true, false]);
    }

    [Fact]
    public void A_loss_is_the_mean_over_the_samples_with_a_label()
    {
        using var run = Run([0, 1, 2], absent: 1);
        run.Network.TrainMode(false);
        var batch = run.Take(run.Data.Train, Samples.Of([3, 0, 4, 2], CPU));
        batch.Inputs["image"].shape[0].ShouldBe(4);
        batch.Targets.Select(target => target.shape[0]).ShouldBe([4, 2, 4]);
        var pass = new ForwardPass(run, batch);
        var full = run.Data.Train.Take(Samples.Of([0, 2], CPU));
        var expected = run.Tasks[1].Loss(run.Network.Predict(full)[1], full.Targets[1]);
        pass.Losses[1].item<double>().ShouldBe(expected.item<double>(), 1e-12);
    }

    [Fact]
    public void Epoch_means_weigh_steps_by_their_labels_and_leave_out_those_without_any()
    {
        using var run = Run([0, 1, 2], absent: 1);
        using var log = new EpochLog(run);
        log.StartEpoch();
        var losses = new[] { 1.0, 2, 7, 4 };
        foreach (var (step, labels) in new long[] { 4, 1, 0, 3 }.Index())
        {
            log.Begin(step, [4, labels, 4]);
            double[] values = labels == 0 ? [losses[step], losses[step]] : [losses[step], losses[step], losses[step]];
            log.RecordLosses(0, [.. values.Select(value => tensor(value, dtype: ScalarType.Float64))]);
            log.RecordWeights(0, tensor(values));
        }

        var (means, weights) = log.Read(0);
        means[0].ShouldBe([3.5, (4 * 1 + 2 + 3 * 4) / 8.0, 3.5]);
        weights[0].ShouldBe([3.5, 7 / 3.0, 3.5], 1e-12);
    }

    [Fact]
    public void A_batch_without_any_label_changes_nothing()
    {
        using var run = Run([0], absent: 0);
        using var trainer = Tiny.Begin(run);
        trainer.TrainStep(0, 0, Samples.Range(9, 4, CPU));
        var before = run.Network.State();
        trainer.TrainStep(0, 1, Samples.Of(_unlabelled, CPU));
        run.Network.StateTensors.Zip(before).Select(pair => Same(pair.First, pair.Second)).ShouldNotContain(false);
    }

    [Fact]
    public void Another_batch_is_drawn_until_it_has_a_label_of_every_task_of_the_step()
    {
        using var run = Run([0, 1, 2], absent: 2, mostly: true);
        for (var step = 0; step < 50; step++)
            run.TrainingSample(step, 0, [0, 1, 2]).Targets[2].shape[0].ShouldBeGreaterThan(0);
        Enumerable.Range(0, 50).Select(step => run.TrainingSample(step, 0, [0, 1]).Targets[2].shape[0]).ShouldContain(0);
    }

    [Fact]
    public void A_task_that_an_epoch_may_leave_out_is_refused() =>
        Should.Throw<InputException>(() => Run([0, 1, 2], absent: 2, mostly: true, training: _training with { BatchSize = 6 }).Dispose())
            .Message.ShouldBe("only 5 of 17 training samples have a label of the task `normals`, fewer than a batch of 6: an epoch may leave them all out; take smaller batches or hide fewer labels");

    [Theory, InlineData(true, "validation"), InlineData(false, "test")]
    public void A_task_that_could_not_be_scored_is_refused(bool validation, string split)
    {
        var benchmark = new Unscored(validation);
        Should.Throw<InputException>(() => new RunContext(Tiny.Spec(), benchmark, benchmark.Load(new DataContext(null, CPU, default)), CPU).Dispose())
            .Message.ShouldBe($"no {split} sample has a label of the task `depth`, which could not be scored");
    }

    [Fact]
    public void A_share_of_each_tasks_training_labels_can_be_hidden()
    {
        using var hidden = new FewerLabels(new TinyBenchmark(), 0.4).Load(new DataContext(null, CPU, default));
        bool[][] labels = [.. Enumerable.Range(0, 3).Select(task => Enumerable.Range(0, 17).Select(sample => hidden.Train.HasLabel(sample, task)).ToArray())];
        labels.ShouldAllBe(task => task.Count(has => has) == 10);
        labels.DistinctBy(task => string.Join(',', task)).Count().ShouldBe(3);
        using var again = new FewerLabels(new TinyBenchmark(), 0.4).Load(new DataContext(null, CPU, default));
        for (var task = 0; task < 3; task++)
            Enumerable.Range(0, 17).Select(sample => again.Train.HasLabel(sample, task)).ShouldBe(labels[task]);
        Enumerable.Range(0, 6).ShouldAllBe(sample => hidden.Validation.HasLabel(sample, 0) && hidden.Test.HasLabel(sample, 0));
    }

    [Fact]
    public void Where_tasks_have_images_of_their_own_hiding_labels_is_refused() =>
        Should.Throw<InputException>(() => new FewerLabels(new TinyOwnImages(), 0.4).Load(new DataContext(null, CPU, default)))
            .Message.ShouldContain("hide-labels: each task of this benchmark has images of its own");

    [Fact]
    public void State_that_is_not_of_the_tasks_is_refused() =>
        Should.Throw<ArgumentException>(() => Tiny.Run(Tiny.Spec(strategy: typeof(Misshapen))).Dispose()).Message.ShouldContain("one entry a task is [2] for 3 tasks");

    public sealed class Misshapen : ObjectiveStrategy
    {
        public override void Initialise(ITrainingSetup setup) => setup.AddTaskBuffer("two", zeros(2));

        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => losses;
    }

    private static bool Same(Tensor a, Tensor b) => a.eq(b).all().item<bool>();

    private static RunContext Run(int[] tasks, int? absent, TrainingOptions? training = null, bool mostly = false, string? id = null)
    {
        var spec = Tiny.Spec(training: training ?? _training) with { Strategies = [id is null ? Tiny.Component("sum", typeof(Tiny.Sum)) : Tiny.Plugin(id, tasks)] };
        var benchmark = new Sparse(tasks, absent, mostly);
        var run = new RunContext(spec, benchmark, benchmark.Load(new DataContext(null, CPU, default)), CPU) { Teachers = Teachers.Untrained(spec with { Seed = 2 }, benchmark, CPU) };
        run.InitialiseStrategies();
        return run;
    }

    private static IReadOnlyList<Tensor> HeadsOf(RunContext run) => [.. run.Tasks.Select((_, task) => run.Network.TaskPart(run.Network.Flat.Values, task).clone())];

    /// <summary>Some of Tiny's tasks; one of them without labels for a few samples, or for all but five.</summary>
    private sealed class Sparse(int[] tasks, int? absent, bool mostly) : TinyBenchmark, IBenchmark
    {
        IReadOnlyList<LearningTask> IBenchmark.Tasks => [.. tasks.Select(task => Tasks[task])];

        public override BenchmarkData Load(DataContext context)
        {
            var whole = base.Load(context);
            return new BenchmarkData(new Part(whole.Train, tasks, absent, mostly), new Part(whole.Validation, tasks, null, false), new Part(whole.Test, tasks, null, false), "");
        }

        private sealed class Part(Split whole, int[] tasks, int? absent, bool mostly) : Split
        {
            public override long Count => whole.Count;

            public override bool HasLabel(long sample, int task) => tasks[task] != absent || (mostly ? sample < 5 : !_unlabelled.Contains(sample));

            public override Batch Take(Samples samples)
            {
                var batch = whole.Take(samples);
                return new Batch("image", batch.Inputs["image"].to(ScalarType.Float64), [.. tasks.Select(task => batch.Targets[task])]);
            }

            protected override void Dispose(bool disposing) => whole.Dispose();
        }
    }

    /// <summary>No label of depth in the validation or the test split.</summary>
    private sealed class Unscored(bool validation) : TinyBenchmark
    {
        public override BenchmarkData Load(DataContext context)
        {
            var whole = base.Load(context);
            return validation ? whole with { Validation = new WithoutDepth(whole.Validation) } : whole with { Test = new WithoutDepth(whole.Test) };
        }

        private sealed class WithoutDepth(Split whole) : Split
        {
            public override long Count => whole.Count;

            public override bool HasLabel(long sample, int task) => task != 1;

            public override Batch Take(Samples samples) => whole.Take(samples);

            protected override void Dispose(bool disposing) => whole.Dispose();
        }
    }

    /// <summary>One of the two runs that are compared.</summary>
    private sealed class Half : IDisposable
    {
        private readonly RunContext _run;
        private readonly int[] _tasks;

        public Half(string id, int[] tasks, int? absent)
        {
            _tasks = tasks;
            _run = Run(tasks, absent, id: id);
            foreach (var (place, epochs) in _run.EpochLosses.Index())
                for (var epoch = 0; epoch < 2; epoch++)
                    epochs.Add([.. tasks.Select(task => (1.0 + task) / (1 + epoch * (task + place + 1)))]);
            Trainer = Tiny.Begin(_run);
        }

        public Trainer Trainer { get; }

        /// <summary>All that a step changes, of some tasks only; the same names in the same order whatever the other tasks are.</summary>
        public IReadOnlyList<(string Name, Tensor Values)> State(int[] positions)
        {
            var network = _run.Network.NamedTensors().Where(tensor => !tensor.Name.Contains('<'))
                .Where(tensor => !tensor.Name.StartsWith("heads.") || positions.Contains(tensor.Name[6] - '0'));
            return [.. network, .. OwnState().Where((state, _) => Belongs(state.Task, positions)).Select(state => (state.Name, OfTasks(state.Values, positions)))];
        }

        /// <summary>Copies of what belongs to one task alone.</summary>
        public IReadOnlyList<(string Name, Tensor Values)> EntriesOf(int task) =>
        [
            .. State([task]).Where(tensor => !tensor.Name.StartsWith("trunk.")).Select(tensor => (tensor.Name, tensor.Values.clone())),
        ];

        public void TakeOver(Half other, int[] positions)
        {
            using var noGradient = no_grad();
            foreach (var ((_, mine), (_, theirs)) in Live().Zip(other.State(positions)))
                mine.copy_(theirs);
            _run.Network.Flat.ValuesChanged();
            foreach (var (mine, theirs) in Optimizers().Zip(other.Optimizers().Where((_, i) => other.Optimizers().Count != 3 || positions.Contains(i))))
                OptimizerMemory.SetSteps(mine, OptimizerMemory.Steps(theirs));
        }

        public void Dispose()
        {
            Trainer.Dispose();
            _run.Data.Dispose();
            _run.Teachers?.Dispose();
            _run.Dispose();
        }

        private IEnumerable<(string Name, Tensor Values)> Live() =>
        [
            .. _run.Network.NamedTensors().Where(tensor => !tensor.Name.Contains('<')),
            .. OwnState().Select(state => (state.Name, state.Values)),
        ];

        private IReadOnlyList<optim.Optimizer> Optimizers() => [.. _run.Setups.SelectMany(setup => setup.Optimizers)];

        /// <summary>The strategy's state and its optimisers'; the task where there is one tensor a task, else null.</summary>
        private IEnumerable<(string Name, Tensor Values, int? Task)> OwnState()
        {
            var setup = _run.Setups.Single();
            var eachTask = Optimizers().Count == _tasks.Length; // a module a task
            foreach (var (i, (name, values)) in setup.State().Index())
                yield return (name, values, eachTask ? i : null);
            foreach (var (i, optimizer) in Optimizers().Index())
                foreach (var (name, values) in OptimizerMemory.Tensors(optimizer))
                    yield return (name, values, eachTask ? i : null);
        }

        private static bool Belongs(int? task, int[] positions) => task is null || positions.Contains(task.Value);

        /// <summary>The entries of some tasks along every leading axis that has one entry a task.</summary>
        private Tensor OfTasks(Tensor values, int[] positions)
        {
            var index = tensor(positions.Select(task => (long)task).ToArray());
            for (var axis = 0; axis < Math.Min(2, values.ndim) && values.shape[axis] == _tasks.Length; axis++)
                values = values.index_select(axis, index);
            return values;
        }
    }
}
