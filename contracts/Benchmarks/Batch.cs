using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>What one step or one forward pass needs.</summary>
/// <param name="Inputs">By name, each as the benchmark's <see cref="IBenchmark.Inputs"/> says.</param>
/// <param name="Count">Number of samples, whatever the shapes of the inputs.</param>
/// <param name="Targets">One tensor a task, as <see cref="LearningTask"/> wants it.</param>
/// <param name="Rows">Null where all tasks share all samples; else each task's own rows (start, count) of every input and of every feature.</param>
public sealed record Batch(
    IReadOnlyDictionary<string, Tensor> Inputs, long Count, IReadOnlyList<Tensor> Targets, IReadOnlyList<(long Start, long Count)>? Rows = null)
{
    /// <summary>A batch with one input.</summary>
    /// <param name="input">Its name.</param>
    /// <param name="values">[batch, …].</param>
    /// <param name="targets">One tensor a task.</param>
    /// <param name="rows">Each task's own rows, if it has some.</param>
    public Batch(string input, Tensor values, IReadOnlyList<Tensor> targets, IReadOnlyList<(long Start, long Count)>? rows = null)
        : this(new Dictionary<string, Tensor>(StringComparer.Ordinal) { [input] = values }, values.shape[0], targets, rows)
    {
    }

    /// <summary>Of each task the positions in the batch that have its label, [labelled] int64; null for a task that all have, and null
    /// altogether where no label is missing. <see cref="Targets"/> then hold those samples only; <see cref="Inputs"/> hold all. The host
    /// sets it, by <see cref="Split.HasLabel"/>.</summary>
    public IReadOnlyList<Tensor?>? Labelled { get; init; }

    /// <summary>The same batch for one task alone: its target, and its own samples where it has some.</summary>
    public Batch Only(int task) => new(OwnInputs(task), Rows is null ? Count : Rows[task].Count, [Targets[task]])
    {
        Labelled = Labelled is null ? null : [Labelled[task]],
    };

    private IReadOnlyDictionary<string, Tensor> OwnInputs(int task) => Rows is null
        ? Inputs
        : Inputs.ToDictionary(input => input.Key, input => input.Value.narrow(0, Rows[task].Start, Rows[task].Count), StringComparer.Ordinal);
}
