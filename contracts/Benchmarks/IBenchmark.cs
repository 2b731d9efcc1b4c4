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

    /// <summary>What every batch holds for the network.</summary>
    IReadOnlyList<InputInfo> Inputs { get; }

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
    /// <summary>Number of samples; for tasks with their own samples, of the largest task.</summary>
    public abstract long Count { get; }

    /// <summary>Whether a sample has a task's label; all have unless overridden. Asked once a sample and task, on the host, before
    /// the first run. Leave it as it is for tasks with their own samples: a missing label there is a sample left out.</summary>
    /// <param name="sample">In [0, <see cref="Count"/>).</param>
    /// <param name="task">In the benchmark's order.</param>
    public virtual bool HasLabel(long sample, int task) => true;

    /// <summary>The batch of these samples, in this order, as it is scored. Of a task with fewer samples of its own it holds
    /// those that there are: all numbers together show each sample once.</summary>
    /// <param name="samples">Numbers in [0, <see cref="Count"/>).</param>
    public abstract Batch Take(Samples samples);

    /// <summary>A batch to learn from: augmented where the split is; of a task with fewer samples of its own than
    /// <see cref="Count"/> always a full share.</summary>
    /// <param name="samples">As for <see cref="Take"/>.</param>
    /// <param name="random">All that is random comes from here.</param>
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
