using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>Names a benchmark for sweeps and lists.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BenchmarkAttribute(string id) : Attribute
{
    /// <summary>kebab-case, unique among benchmarks: <c>nyu-v2</c>.</summary>
    public string Id { get; } = id;

    /// <summary>In full, for lists and messages.</summary>
    public required string Title { get; init; }

    /// <summary>Where the data or the protocol come from.</summary>
    public required string Paper { get; init; }
}

/// <summary>Tasks on shared data: what is learnt, and how well it went.</summary>
public interface IBenchmark
{
    /// <summary>In the order that predictions, targets and weights have.</summary>
    IReadOnlyList<LearningTask> Tasks { get; }

    /// <summary>[channels, height, width] of an input as the network sees it.</summary>
    IReadOnlyList<long> InputShape { get; }

    /// <summary>Reads or makes the data. Throws <see cref="InputException"/> that says what is missing, where it is to be
    /// had and where to put it.</summary>
    /// <remarks>Called in a dispose scope: what the splits do not take over is freed when this returns.</remarks>
    BenchmarkData Load(DataContext context);
}

/// <summary>Where data is looked for and where it shall live.</summary>
/// <param name="DataRoot">The folder the user named, or null.</param>
/// <param name="Device">Where tensors are kept.</param>
/// <param name="Cancellation">Ctrl-C.</param>
public sealed record DataContext(string? DataRoot, Device Device, CancellationToken Cancellation)
{
    /// <summary>Told in a sentence how far loading is, now and then; from any thread.</summary>
    public Action<string> Report { get; init; } = _ => { };

    /// <summary>Decoded data is kept here for the next time; it may be emptied at any time.</summary>
    public string CacheFolder { get; init; } = Benchmarks.DataRoot.CacheFolder;
}

/// <summary>The three splits, kept on the device and shared by all runs of a process.</summary>
/// <param name="Train">Learnt from.</param>
/// <param name="Validation">Everything is selected on this.</param>
/// <param name="Test">Read once a run.</param>
/// <param name="Sha256">Of what the tensors were made from (files, or generator and seed), lower-case hex.</param>
public sealed record BenchmarkData(Split Train, Split Validation, Split Test, string Sha256) : IDisposable
{
    /// <summary>What was read and what was computed, in a sentence; empty where the options say it all.</summary>
    public string Description { get; init; } = "";

    /// <inheritdoc />
    public void Dispose()
    {
        Train.Dispose();
        Validation.Dispose();
        Test.Dispose();
    }
}

/// <summary>One split; knows how to make a batch on its device.</summary>
public abstract class Split : IDisposable
{
    /// <summary>Number of samples; for tasks with their own images, of the largest task.</summary>
    public abstract long Count { get; }

    /// <summary>Whether a sample has a task's label; all have unless overridden. Asked once a sample and task, on the host, before
    /// the first run. Leave it as it is for tasks with their own images: a missing label there is an image left out.</summary>
    /// <param name="sample">In [0, <see cref="Count"/>).</param>
    /// <param name="task">In the benchmark's order.</param>
    public virtual bool HasLabel(long sample, int task) => true;

    /// <summary>The batch of these samples, in this order, as it is scored. Of a task with fewer images of its own it holds
    /// those that there are: all indices together show each image once.</summary>
    /// <param name="indices">[batch] int64 on the split's device, each in [0, <see cref="Count"/>).</param>
    public abstract Batch Take(Tensor indices);

    /// <summary>A batch to learn from: augmented where the split is; of a task with fewer images of its own than
    /// <see cref="Count"/> always a full share.</summary>
    /// <param name="indices">As for <see cref="Take"/>.</param>
    /// <param name="random">All that is random comes from here.</param>
    public virtual Batch Draw(Tensor indices, Random random) => Take(indices);

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the tensors.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>What one forward pass needs.</summary>
/// <param name="Inputs">[batch, channels, height, width] float32.</param>
/// <param name="Targets">One tensor a task, as <see cref="LearningTask"/> wants it.</param>
/// <param name="Rows">Null where all tasks share all images; else each task's own rows (start, count) of the inputs and of every feature.</param>
public sealed record Batch(Tensor Inputs, IReadOnlyList<Tensor> Targets, IReadOnlyList<(long Start, long Count)>? Rows = null)
{
    /// <summary>Of each task the positions in the batch that have its label, [labelled] int64; null for a task that all have, and null
    /// altogether where no label is missing. <see cref="Targets"/> then hold those samples only; <see cref="Inputs"/> hold all. The host
    /// sets it, by <see cref="Split.HasLabel"/>.</summary>
    public IReadOnlyList<Tensor?>? Labelled { get; init; }

    /// <summary>The same batch for one task alone: its target, and its own images where it has some.</summary>
    public Batch Only(int task) => new(
        Rows is null ? Inputs : Inputs.narrow(0, Rows[task].Start, Rows[task].Count),
        [Targets[task]])
    {
        Labelled = Labelled is null ? null : [Labelled[task]],
    };
}

/// <summary>A split whose samples are rows of tensors, stored compactly and converted batch by batch.</summary>
public sealed class TensorSplit : Split
{
    private readonly Tensor _inputs;
    private readonly IReadOnlyList<Tensor> _targets;
    private readonly IReadOnlyList<IReadOnlyList<bool>?>? _labelled;

    /// <summary>Takes over the tensors: they leave their dispose scope and live as long as the split.</summary>
    /// <param name="inputs">[samples, channels, height, width]; uint8 is divided by 255 when a batch is made.</param>
    /// <param name="targets">[samples, …] a task; int8 and uint8 become int64 when a batch is made.</param>
    /// <param name="labelled">[tasks][samples] which samples have a task's label, whatever its target holds for the others; null for all.</param>
    public TensorSplit(Tensor inputs, IReadOnlyList<Tensor> targets, IReadOnlyList<IReadOnlyList<bool>?>? labelled = null)
    {
        _labelled = labelled;
        _inputs = inputs.DetachFromDisposeScope();
        _targets = [.. targets.Select(target => target.DetachFromDisposeScope())];
        Count = inputs.shape[0];
    }

    /// <inheritdoc />
    public override long Count { get; }

    /// <inheritdoc />
    public override bool HasLabel(long sample, int task) => _labelled?[task]?[(int)sample] ?? true;

    /// <inheritdoc />
    public override Batch Take(Tensor indices) =>
        new(Floats(_inputs.index_select(0, indices)), [.. _targets.Select(target => Wide(target.index_select(0, indices)))]);

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        _inputs.Dispose();
        foreach (var target in _targets)
            target.Dispose();
    }

    private static Tensor Floats(Tensor values) => values.dtype == ScalarType.Byte ? values.to(ScalarType.Float32).div_(255) : values;

    private static Tensor Wide(Tensor values) => values.dtype is ScalarType.Int8 or ScalarType.Byte ? values.to(ScalarType.Int64) : values;
}
