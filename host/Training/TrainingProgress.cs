using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training.Networks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>How far a run has come: its curve, the epoch that did best so far, and what it cost.</summary>
internal sealed class TrainingProgress(RunContext run) : IDisposable
{
    private readonly IReadOnlyList<TaskMetric> _metrics = ValidationError.MetricsOf(run.Tasks);

    private readonly List<EpochRecord> _curve = [];

    /// <summary>The epochs that are over.</summary>
    public IReadOnlyList<EpochRecord> Curve => _curve;

    /// <summary>Their validation errors, computed when they are asked for: tasks need not have metrics that give one.</summary>
    public IEnumerable<double> Errors => _curve.Select(Error);

    /// <summary>[epoch][task] their validation metrics.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<MetricValue>>> Validation => [.. _curve.Select(epoch => MetricValues(run.Tasks, epoch.Validation))];

    /// <summary>The best of them on validation, or the last where the sweep says so; null before the first.</summary>
    public EpochRecord? Selected { get; private set; }

    /// <summary>The network as it was after <see cref="Selected"/>; as <see cref="Network.State"/> gives it.</summary>
    public IReadOnlyList<Tensor> SelectedState { get; private set; } = [];

    /// <summary>Steps of the epoch under way that are done; 0 between two epochs.</summary>
    public int StepsIntoEpoch { get; set; }

    /// <summary>Of every step so far.</summary>
    public List<double> StepMilliseconds { get; } = [];

    /// <summary>Training and evaluation so far, wall clock.</summary>
    public double Seconds { get; set; }

    /// <summary>An epoch is over; the network is as it left it.</summary>
    public void Add(EpochRecord epoch)
    {
        StepsIntoEpoch = 0;
        _curve.Add(epoch);
        if (Selected is null || run.Spec.Training.Selection == Selection.Last || Error(epoch) < Error(Selected))
            Select(epoch, run.Network.State());
    }

    /// <summary>Goes on from an earlier process's progress.</summary>
    /// <param name="curve">Its epochs.</param>
    /// <param name="selected">Of these; null where there is none yet.</param>
    /// <param name="selectedState">Taken over.</param>
    public void Restore(IReadOnlyList<EpochRecord> curve, EpochRecord? selected, IReadOnlyList<Tensor> selectedState)
    {
        _curve.Clear();
        _curve.AddRange(curve);
        Select(selected, selectedState);
    }

    /// <summary>[task] metrics by task.</summary>
    /// <param name="tasks">Whose.</param>
    /// <param name="values">By <see cref="TaskMetric.Key"/>.</param>
    public static IReadOnlyList<IReadOnlyList<MetricValue>> MetricValues(IEnumerable<LearningTask> tasks, IReadOnlyDictionary<string, double> values) =>
        [.. tasks.Select(task => task.Metrics.Where(metric => values.ContainsKey(new TaskMetric(task.Id, metric).Key))
            .Select(metric => new MetricValue(metric, values[new TaskMetric(task.Id, metric).Key])).ToList())];

    public void Dispose()
    {
        foreach (var tensor in SelectedState)
            tensor.Dispose();
    }

    private void Select(EpochRecord? epoch, IReadOnlyList<Tensor> state)
    {
        Dispose();
        (Selected, SelectedState) = (epoch, state);
    }

    private double Error(EpochRecord epoch) => ValidationError.Of(_metrics, epoch.Validation);
}
