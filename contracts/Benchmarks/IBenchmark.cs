using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>Names a benchmark for sweeps and lists.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BenchmarkAttribute(string id) : Attribute
{
    /// <summary>kebab-case, unique among benchmarks: <c>nyu-v2</c>.</summary>
    public string Id { get; } = id;

    /// <summary>The full name, for lists and messages.</summary>
    public required string Title { get; init; }

    /// <summary>The source of the data or the protocol.</summary>
    public required string Paper { get; init; }
}

/// <summary>Tasks and their data: what is learnt, and how it is scored.</summary>
public interface IBenchmark
{
    /// <summary>In the order of predictions, targets and weights.</summary>
    IReadOnlyList<LearningTask> Tasks { get; }

    /// <summary>The network's inputs, as every batch holds them.</summary>
    IReadOnlyList<InputInfo> Inputs { get; }

    /// <summary>Reads or generates the data. Throws an <see cref="InputException"/> that says what is missing, where to obtain
    /// it and where to put it.</summary>
    /// <remarks>Called in a dispose scope: tensors that the splits do not own are freed when it returns.</remarks>
    BenchmarkData Load(DataContext context);
}

/// <summary>Where to look for data, and where to put it.</summary>
/// <param name="DataRoot">The folder the user named, or null.</param>
/// <param name="Device">Where tensors are kept.</param>
/// <param name="Cancellation">Ctrl-C.</param>
public sealed record DataContext(string? DataRoot, Device Device, CancellationToken Cancellation)
{
    /// <summary>Receives a sentence about the progress of loading now and then; may be called from any thread.</summary>
    public Action<string> Report { get; init; } = _ => { };

    /// <summary>Decoded data is kept here for the next time; the user may empty it at any time.</summary>
    public string CacheFolder { get; init; } = Benchmarks.DataRoot.CacheFolder;
}

/// <summary>The three splits, kept on the device and shared by all runs of a process.</summary>
/// <param name="Train">The training split.</param>
/// <param name="Validation">The split that everything is selected on.</param>
/// <param name="Test">The test split, read once per run.</param>
/// <param name="Sha256">SHA-256, lower-case hex, of what the tensors were made from: files, or generator and seed.</param>
public sealed record BenchmarkData(Split Train, Split Validation, Split Test, string Sha256) : IDisposable
{
    /// <summary>What was read and what was computed, in one sentence; empty if the options say it all.</summary>
    public string Description { get; init; } = "";

    /// <inheritdoc />
    public void Dispose()
    {
        Train.Dispose();
        Validation.Dispose();
        Test.Dispose();
    }
}

/// <summary>One split, which makes batches on its device.</summary>
public abstract class Split : IDisposable
{
    /// <summary>Number of samples; for tasks with their own samples, of the largest task.</summary>
    public abstract long Count { get; }

    /// <summary>Whether a sample has a task's label; true unless overridden. Called once per sample and task, on the host, before
    /// the first run. Do not override it for tasks with samples of their own: leave out samples without a label there.</summary>
    /// <param name="sample">In [0, <see cref="Count"/>).</param>
    /// <param name="task">In the benchmark's order.</param>
    public virtual bool HasLabel(long sample, int task) => true;

    /// <summary>The batch of these samples, in this order, for scoring. Tasks with fewer samples of their own contribute only the samples
    /// they have: all numbers together give each sample once.</summary>
    /// <param name="samples">Numbers in [0, <see cref="Count"/>).</param>
    public abstract Batch Take(Samples samples);

    /// <summary>A batch for training, augmented if the split is. Tasks with fewer samples of their own than
    /// <see cref="Count"/> contribute as many as the others.</summary>
    /// <param name="samples">As for <see cref="Take"/>.</param>
    /// <param name="random">The source of everything random.</param>
    public virtual Batch Draw(Samples samples, Random random) => Take(samples);

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the tensors.</summary>
    protected abstract void Dispose(bool disposing);
}
