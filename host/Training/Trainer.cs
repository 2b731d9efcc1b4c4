using System.Diagnostics;
using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training.Checkpoints;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Host.Training.Strategies;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>Trains one network by one strategy.</summary>
/// <remarks>Nothing is read from the device within an epoch (but for what a strategy itself reads): losses and weights
/// are written to buffers there and read when the epoch is over.</remarks>
internal sealed class Trainer : IDisposable
{
    private readonly RunContext _run;
    private readonly TrainingStep _step;
    private readonly optim.Optimizer _optimizer;
    private readonly EpochLog _log;
    private readonly TrainingProgress _progress;
    private readonly WeightAverage? _average;

    public Trainer(RunContext run)
    {
        _run = run;
        _log = new EpochLog(run);
        _step = new TrainingStep(run, _log);
        _progress = new TrainingProgress(run);
        var training = run.Spec.Training;
        _optimizer = training.Optimizer switch
        {
            Optimizer.Adam => optim.Adam([run.Network.Flat.Values], training.LearningRate, weight_decay: training.WeightDecay),
            Optimizer.AdamW => optim.AdamW([run.Network.Flat.Values], training.LearningRate, weight_decay: training.WeightDecay),
            Optimizer.Sgd => optim.SGD([run.Network.Flat.Values], training.LearningRate, training.Momentum, weight_decay: training.WeightDecay),
            _ => throw new ArgumentOutOfRangeException(nameof(run)),
        };
        _average = training.WeightAverage > 0 ? new WeightAverage(run.Network, training.WeightAverage) : null;
        Checkpoint = new Checkpoint(run, _optimizer, _step, _progress, _log, _average, StartEpoch);
    }

    /// <summary>Solver failures so far; also of a run that fails later.</summary>
    public SolverFailures SolverFailures => _step.SolverFailures;

    /// <summary>The step under way or done last; −1 before the first.</summary>
    public long StepIndex => _step.Index;

    /// <summary>The epochs that are over.</summary>
    public IReadOnlyList<EpochRecord> Curve => _progress.Curve;

    /// <summary>With the share of the one under way.</summary>
    public double EpochsDone => Curve.Count + ((double)_progress.StepsIntoEpoch / _run.StepsPerEpoch);

    /// <summary>On the test split, once it was read: what was taken for what in the tasks that classify whole images.</summary>
    public IReadOnlyList<ConfusionRecord> Confusions { get; private set; } = [];

    /// <summary>The way to a file and back; between two steps, or before the first.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>Trains to the end, from where a checkpoint left off, calling <paramref name="epochDone"/> after each epoch.</summary>
    /// <param name="epochDone">Told of each.</param>
    /// <param name="heartbeat">Gets a beat at every step.</param>
    /// <exception cref="DivergedException">A loss or gradient is not finite.</exception>
    /// <exception cref="OperationCanceledException">The run is to end. It is between two steps, and <see cref="Checkpoint"/> can be written.</exception>
    public TrainingResult Train(Action<EpochRecord> epochDone, Heartbeat? heartbeat)
    {
        var before = _progress.Seconds;
        var watch = Stopwatch.StartNew();
        for (var epoch = Curve.Count; epoch < _run.Epochs; epoch++)
        {
            TrainEpoch(epoch, heartbeat);
            var record = ScoreEpoch(epoch, heartbeat);
            _progress.Seconds = before + watch.Elapsed.TotalSeconds;
            epochDone(record);
        }

        _run.Network.Restore(_progress.SelectedState);
        var confusions = new List<ConfusionRecord>();
        var test = Evaluate(_run.Data.Test, heartbeat, confusions).Metrics;
        Confusions = confusions;
        return new TrainingResult(_progress.Selected!.Epoch, _progress.Selected.Validation, test, new RunCost
        {
            StepMilliseconds = MathNet.Numerics.Statistics.Statistics.Median(_progress.StepMilliseconds),
            BackwardPasses = (double)_step.BackwardPasses / _run.Steps,
            TrainSeconds = before + watch.Elapsed.TotalSeconds,
            SolverFailures = SolverFailures.Count,
        });
    }

    public void Dispose()
    {
        _progress.Dispose();
        _average?.Dispose();
        _step.Dispose();
        _optimizer.Dispose();
        _log.Dispose();
    }

    private void TrainEpoch(int epoch, Heartbeat? heartbeat)
    {
        using var scope = NewDisposeScope();
        _run.Network.TrainMode(true);
        if (_progress.StepsIntoEpoch == 0)
            StartEpoch(epoch);
        var order = _run.Order(epoch);
        var watch = new Stopwatch();
        for (var step = _progress.StepsIntoEpoch; step < _run.StepsPerEpoch; step++)
        {
            var i = step;
            heartbeat?.Beat((long)epoch * _run.StepsPerEpoch + i);
            _run.FirstUse.Of("step", _run.BatchSize, heartbeat, () =>
            {
                watch.Restart();
                using var stepScope = NewDisposeScope();
                TrainStep(epoch, i, _run.BatchOf(order, i));
            });
            _progress.StepMilliseconds.Add(watch.Elapsed.TotalMilliseconds);
            _progress.StepsIntoEpoch = step + 1;
        }
    }

    /// <summary>Reads what the epoch has left, scores the network, or its average, and selects it where it is the best so far.</summary>
    private EpochRecord ScoreEpoch(int epoch, Heartbeat? heartbeat)
    {
        using var scope = NewDisposeScope();
        var (losses, weights) = _log.Read(epoch);
        using var average = _average?.InNetwork();
        var (validationLosses, validation) = Evaluate(_run.Data.Validation, heartbeat);
        _log.CountSmallLosses(SolverFailures);
        foreach (var (epochs, means) in _run.EpochLosses.Zip(losses))
            epochs.Add(means);
        var record = new EpochRecord(epoch + 1, ByTask(losses[0]), ByStrategy(weights), validationLosses, validation);
        _progress.Add(record);
        return record;
    }

    /// <summary>Lets optimisers and strategies prepare for an epoch, counted from 0.</summary>
    public void StartEpoch(int epoch)
    {
        _log.StartEpoch();
        var learningRate = _run.Spec.Training.LearningRateAt(epoch, _progress.Errors);
        foreach (var group in _optimizer.ParamGroups)
            group.LearningRate = learningRate;
        foreach (var setup in _run.Setups)
            setup.StartEpoch(learningRate);
        var history = new EpochHistory([]) { Validation = _progress.Validation, SingleTask = _run.Teachers?.Validation ?? [] };
        foreach (var (strategy, losses) in _run.Strategies.Zip(_run.EpochLosses))
            strategy.StartEpoch(history with { Losses = losses });
    }

    /// <summary>[tasks] the losses of a step of the epoch under way.</summary>
    public Tensor LossesOf(int i) => _log.LossesOf(i);

    /// <summary>One step, in the caller's dispose scope; step <paramref name="i"/> of an epoch that has been started.</summary>
    public void TrainStep(int epoch, int i, Samples samples)
    {
        _run.Network.Flat.Gradient.zero_();
        var step = (long)epoch * _run.StepsPerEpoch + i;
        if (!_step.Begin(step, epoch, _run.Draw(_run.Data.Train, samples, step)))
            return;
        if (_log.Present is { } present)
            foreach (var setup in _run.Setups)
                setup.Narrow(present);
        _step.Backward();
        _run.Network.RestoreStatistics();
        StepNetwork([.. Enumerable.Range(0, _run.Tasks.Count).Except(_step.Pass.Present)]);
        _average?.Update(step);
        StepStrategies();
        _step.AfterStep();
        _run.Network.RestoreStatistics();
        StepStrategies();
        foreach (var setup in _run.Setups)
            setup.Widen();
    }

    /// <summary>Steps the network; heads of absent tasks, and their moments, stay as they were.</summary>
    private void StepNetwork(IReadOnlyList<int> absent)
    {
        using var noGradient = no_grad();
        var still = absent.Count == 0 ? [] : OptimizerMemory.Tensors(_optimizer).Select(moment => moment.Values).Prepend(_run.Network.Flat.Values)
            .SelectMany(values => absent.Select(task => _run.Network.TaskPart(values, task)))
            .Select(part => (Part: part, Before: part.clone())).ToList();
        _optimizer.step();
        foreach (var (part, before) in still)
            part.copy_(before);
        _run.Network.Flat.ValuesChanged();
    }

    /// <summary>Steps the strategies' own parameters where there is a gradient.</summary>
    private void StepStrategies()
    {
        foreach (var setup in _run.Setups)
            setup.Step();
    }

    private (IReadOnlyDictionary<string, double> Losses, IReadOnlyDictionary<string, double> Metrics) Evaluate(
        Split split, Heartbeat? heartbeat, List<ConfusionRecord>? confusions = null)
    {
        const int batchSize = 64;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        _run.Network.TrainMode(false);
        var measurements = _run.Tasks.Select(task => task.Measure(_run.Device)).ToList();
        var lossSums = zeros(_run.Tasks.Count, dtype: ScalarType.Float64, device: _run.Device);
        var samples = new double[_run.Tasks.Count];
        for (long start = 0; start < split.Count; start += batchSize)
        {
            heartbeat?.Beat();
            var (first, count) = (start, Math.Min(batchSize, split.Count - start));
            _run.FirstUse.Of("evaluation", count, heartbeat, () => Score(first, count));
        }

        var means = lossSums.cpu() / tensor(samples);
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (task, measurement) in _run.Tasks.Zip(measurements))
        {
            foreach (var (metric, value) in task.Metrics.Zip(measurement.Values()))
                metrics.Add(new TaskMetric(task.Id, metric).Key, value);
            if (task is Classification && measurement is ConfusionMeasurement confusion)
                confusions?.AddRange(Cells(task.Id, confusion.Matrix(), task.Outputs));
            measurement.Dispose();
        }

        return (ByTask(means.data<double>().ToArray()), metrics);

        void Score(long first, long count)
        {
            using var batchScope = NewDisposeScope();
            var batch = _run.Take(split, Samples.Range(first, count, _run.Device));
            if (batch.Count == 0)
                return; // a single-task run whose task has no samples left
            var predictions = _run.Network.Predict(batch);
            double[] counts = [.. batch.Targets.Select(target => (double)target.shape[0])];
            samples = [.. samples.Zip(counts, (sum, more) => sum + more)];
            lossSums.add_(stack(_run.Tasks.Select((task, i) => task.Loss(predictions[i], batch.Targets[i]))) * tensor(counts).to(_run.Device));
            foreach (var (i, measurement) in measurements.Index())
                measurement.Add(predictions[i], batch.Targets[i]);
        }
    }

    /// <summary>What occurred of a matrix, as records.</summary>
    internal static IEnumerable<ConfusionRecord> Cells(string task, ConfusionMatrix confusion, int classes) => confusion.Counts.Index()
        .Where(cell => cell.Item > 0)
        .Select(cell => new ConfusionRecord(task, cell.Index / classes, cell.Index % classes, cell.Item));

    private Dictionary<string, double> ByTask(IReadOnlyList<double> values) =>
        _run.Tasks.Select((task, i) => (task.Id, Value: values[i])).ToDictionary(pair => pair.Id, pair => pair.Value, StringComparer.Ordinal);

    private Dictionary<string, double> ByStrategy(IReadOnlyList<IReadOnlyList<double>> weights) =>
        _run.WeightKeys.Zip(weights.SelectMany(means => means)).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
}
