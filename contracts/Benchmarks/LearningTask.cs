using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>One task: its loss, and how it is scored.</summary>
public abstract class LearningTask(string id, TaskKind kind, int outputs)
{
    /// <summary>kebab-case, unique in the benchmark: <c>depth</c>.</summary>
    public string Id { get; } = id;

    /// <summary>How strategies are to interpret predictions and targets.</summary>
    public TaskKind Kind { get; } = kind;

    /// <summary>Channels of the prediction.</summary>
    public int Outputs { get; } = outputs;

    /// <summary>Names of the prediction's channels, for the report's legends: the classes' names; empty if they have none.</summary>
    public virtual IReadOnlyList<string> OutputNames => [];

    /// <summary>The task as models and strategies see it.</summary>
    public TaskInfo Info => new(Id, Kind, Outputs);

    /// <summary>The metrics, the main one first.</summary>
    public abstract IReadOnlyList<Metric> Metrics { get; }

    /// <summary>The training loss over the batch's valid places, a scalar on the graph; finite even if no place is valid.</summary>
    public abstract Tensor Loss(Tensor prediction, Tensor target);

    /// <summary>The same loss against a substitute target; void places are those of <paramref name="target"/>.</summary>
    /// <param name="prediction">[batch, outputs, …].</param>
    /// <param name="target">The true target.</param>
    /// <param name="soft">Class probabilities [batch, classes, …], or a target map.</param>
    public abstract Tensor SoftLoss(Tensor prediction, Tensor target, Tensor soft);

    /// <summary>A new, empty measurement on the device.</summary>
    public abstract Measurement Measure(Device device);
}

/// <summary>A metric of one task of one benchmark, as records and leaderboards carry it.</summary>
/// <param name="Task">The task's id.</param>
/// <param name="Metric">What is measured.</param>
public sealed record TaskMetric(string Task, Metric Metric)
{
    /// <summary><c>segmentation.miou</c>: the column in every CSV.</summary>
    public string Key => $"{Task}.{Metric.Id}";
}

/// <summary>Metrics of a whole split, accumulated on the device; nothing is copied to the host before <see cref="Values"/>.</summary>
public abstract class Measurement : IDisposable
{
    /// <summary>Adds a batch; called without a graph, and must not read from the device.</summary>
    public abstract void Add(Tensor prediction, Tensor target);

    /// <summary>One value per metric, in the order of <see cref="LearningTask.Metrics"/>; NaN if nothing valid was seen.</summary>
    public abstract IReadOnlyList<double> Values();

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the sums.</summary>
    protected abstract void Dispose(bool disposing);
}
