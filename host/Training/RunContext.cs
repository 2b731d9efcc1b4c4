using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Host.Training.Strategies;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>What one run works with: its network, its data, its strategies and their state.</summary>
internal sealed class RunContext : IDisposable
{
    private readonly List<StrategySetup> _setups = [];
    private readonly int[] _taskIndices;
    private readonly int _benchmarkTasks;
    private long[]? _validationOrder;

    public RunContext(RunSpec spec, IBenchmark benchmark, BenchmarkData data, Device device)
    {
        Spec = spec;
        Data = data;
        Device = device;
        _taskIndices = [.. Enumerable.Range(0, benchmark.Tasks.Count)
            .Where(i => spec.SingleTask is null || benchmark.Tasks[i].Id == spec.SingleTask)];
        Tasks = [.. _taskIndices.Select(i => benchmark.Tasks[i])];
        BatchSize = (int)Math.Min(spec.Training.BatchSize, data.Train.Count);
        _benchmarkTasks = benchmark.Tasks.Count;
        CheckLabels();
        StepsPerEpoch = spec.Training.StepsPerEpoch(data.Train.Count);
        Network = Network.Of(spec, benchmark.Inputs, Tasks, device);
        SharedParameters = [.. Network.Module.SharedParameters];
        EpochLosses = [.. Enumerable.Range(0, Places).Select(_ => new List<IReadOnlyList<double>>())];
        GradientOptions = GradientOptions.Of(spec.Strategies.Select(strategy => strategy.HostOptions));
        BypassesRepresentation = spec.Requirements.HasFlag(StrategyRequirements.Features);
    }

    public RunSpec Spec { get; }

    public BenchmarkData Data { get; }

    public Device Device { get; }

    /// <summary>The tasks this run learns: all of the benchmark's, or a baseline's one.</summary>
    public IReadOnlyList<LearningTask> Tasks { get; }

    public Network Network { get; }

    /// <summary>The parameters that the tasks share.</summary>
    public IList<Tensor> SharedParameters { get; }

    /// <summary>The tasks' own parameters and the strategies'.</summary>
    public IEnumerable<Tensor> UnsharedParameters => Network.TaskParameters.Concat(_setups.SelectMany(setup => setup.Parameters));

    public int BatchSize { get; }

    public int StepsPerEpoch { get; }

    public int Epochs => Spec.Training.Epochs;

    public long Steps => (long)Epochs * StepsPerEpoch;

    /// <summary>[place][epoch][task] mean losses, as they were received at each place of the list, of the epochs that are over;
    /// at place 0 the tasks' own.</summary>
    public IReadOnlyList<List<IReadOnlyList<double>>> EpochLosses { get; }

    /// <summary>The list of strategies, in order; empty for a single-task run, which has one loss and nothing to balance.</summary>
    public IReadOnlyList<Strategy> Strategies { get; private set; } = [];

    /// <summary>Places of the list; a single-task run has one, with nobody at it.</summary>
    public int Places => Math.Max(1, Spec.Strategies.Count);

    /// <summary>What the sweep has the host do to gradients after the strategies.</summary>
    public GradientOptions GradientOptions { get; }

    /// <summary>Whether objectives may have terms that do not pass through the representation.</summary>
    public bool BypassesRepresentation { get; }

    /// <summary>Names of the weights that are recorded, place by place and task by task: the task's id, or behind the strategy's where there are several.</summary>
    public IReadOnlyList<string> WeightKeys => [.. from place in Enumerable.Range(0, Places)
                                                  from task in Tasks
                                                  select Places == 1 ? task.Id : $"{StrategyId(place)}.{task.Id}"];

    /// <summary>For messages.</summary>
    public string StrategyId(int place) => Spec.Strategies[place].Entry.Id;

    public IEnumerable<StrategySetup> Setups => _setups;

    /// <summary>The networks to learn from; null where no strategy asks for them. The caller's to dispose.</summary>
    public Teachers? Teachers { get; init; }

    /// <summary>Serialises the first use of each kernel shape.</summary>
    public FirstUse FirstUse { get; } = new(TimeSpan.FromSeconds(20));

    /// <summary>Makes the strategies and lets them register their state.</summary>
    public void InitialiseStrategies()
    {
        using var scope = NewDisposeScope();
        Strategies = [.. Spec.Strategies.Select(component => component.Create<Strategy>())];
        foreach (var (index, strategy) in Strategies.Index())
        {
            var setup = new StrategySetup(this, index);
            _setups.Add(setup);
            lock (Network.Initialisation)
            {
                random.manual_seed(Randomness.Seed(Spec.Seed, "strategy", index));
                strategy.Initialise(setup);
            }
        }
    }

    /// <summary>The training samples in the order of an epoch, counted from 0.</summary>
    public Samples Order(int epoch) =>
        Samples.Of(Randomness.Permutation((int)Data.Train.Count, Randomness.Source(Spec.Seed, "order", epoch)), Device);

    /// <summary>Those of a step of the epoch.</summary>
    public Samples BatchOf(Samples order, int step) => order.Slice(step * BatchSize, BatchSize);

    /// <summary>A batch to be scored, of this run's tasks only.</summary>
    public Batch Take(Split split, Samples samples) => Own(split.Take(samples), samples, split);

    /// <summary>A batch to learn from, of this run's tasks only; augmented from the seed and the step alone.</summary>
    public Batch Draw(Split split, Samples samples, long step) =>
        Own(split.Draw(samples, Randomness.Source(Spec.Seed, "augmentation", step)), samples, split);

    /// <summary>The validation batch of a step, in an order of its own, with a label of each of some tasks.</summary>
    public Batch ValidationBatch(long step, IReadOnlyList<int> tasks)
    {
        var count = (int)Data.Validation.Count;
        _validationOrder ??= Randomness.Permutation(count, Randomness.Source(Spec.Seed, "validation"));
        return Draw(Data.Validation, Samples.Of(WithLabels(Data.Validation, tasks, next =>
            [.. Enumerable.Range(0, Math.Min(BatchSize, count)).Select(i => _validationOrder[((step + next) * BatchSize + i) % count])]), Device), step);
    }

    /// <summary>A training batch drawn independently of the epoch's order, with replacement, with a label of each of some tasks.</summary>
    public Batch TrainingSample(long step, int sample, IReadOnlyList<int> tasks)
    {
        var source = Randomness.Source(Spec.Seed, $"sample-{sample}", step);
        var samples = Samples.Of(WithLabels(Data.Train, tasks, _ =>
            [.. Enumerable.Range(0, BatchSize).Select(_ => source.NextInt64(Data.Train.Count))]), Device);
        return Own(Data.Train.Draw(samples, source), samples, Data.Train);
    }

    public void Dispose()
    {
        foreach (var setup in _setups)
            setup.Dispose();
        Network.Dispose();
    }

    private Batch Own(Batch batch, Samples samples, Split split)
    {
        var labelled = LabelsOf(split).Narrow(batch, samples);
        return Spec.SingleTask is null ? labelled : labelled.Only(_taskIndices[0]);
    }

    private Labels LabelsOf(Split split) => Labels.Of(split, _benchmarkTasks);

    /// <summary>The first of some batches with a label of each of the tasks.</summary>
    private long[] WithLabels(Split split, IReadOnlyList<int> tasks, Func<int, long[]> batch)
    {
        const int tries = 1000;
        for (var next = 0; next < tries; next++)
        {
            var samples = batch(next);
            if (tasks.All(task => LabelsOf(split).Any(samples, _taskIndices[task])))
                return samples;
        }

        throw new InputException($"of {tries} batches of {BatchSize} none has a label of every task of the step; take larger batches");
    }

    /// <summary>Each task must have a label in every epoch, which leaves out less than a batch, and where it is scored.</summary>
    private void CheckLabels()
    {
        foreach (var (task, index) in Tasks.Zip(_taskIndices))
            if (LabelsOf(Data.Train).CountOf(index) is { } count && count < BatchSize)
                throw new InputException($"only {count} of {Data.Train.Count} training samples have a label of the task `{task.Id}`, fewer than a batch of {BatchSize}: "
                    + "an epoch may leave them all out; take smaller batches or hide fewer labels");
        foreach (var (split, name) in new[] { (Data.Validation, "validation"), (Data.Test, "test") })
            foreach (var (task, index) in Tasks.Zip(_taskIndices))
                if (LabelsOf(split).CountOf(index) == 0)
                    throw new InputException($"no {name} sample has a label of the task `{task.Id}`, which could not be scored");
    }
}
