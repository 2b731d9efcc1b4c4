using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>The data of one step or one forward pass.</summary>
/// <param name="Inputs">By name, each as the benchmark's <see cref="IBenchmark.Inputs"/> says.</param>
/// <param name="Count">Number of samples, whatever the shapes of the inputs.</param>
/// <param name="Targets">One tensor per task, as <see cref="LearningTask"/> expects it.</param>
/// <param name="Rows">Null if all tasks share all samples; otherwise each task's own rows (start, count) of every input and every
/// feature.</param>
public sealed record Batch(
    IReadOnlyDictionary<string, Tensor> Inputs, long Count, IReadOnlyList<Tensor> Targets, IReadOnlyList<(long Start, long Count)>? Rows = null)
{
    /// <summary>A batch with one input.</summary>
    /// <param name="input">Its name.</param>
    /// <param name="values">[batch, …].</param>
    /// <param name="targets">One tensor per task.</param>
    /// <param name="rows">Each task's own rows, if tasks have samples of their own.</param>
    public Batch(string input, Tensor values, IReadOnlyList<Tensor> targets, IReadOnlyList<(long Start, long Count)>? rows = null)
        : this(new Dictionary<string, Tensor>(StringComparer.Ordinal) { [input] = values }, values.shape[0], targets, rows)
    {
    }

    /// <summary>For each task, the positions in the batch that have its label, [labelled] int64; null for a task whose labels are
    /// complete, and null altogether if no label is missing. <see cref="Targets"/> then hold those samples only; <see cref="Inputs"/>
    /// hold all. The host sets it, from <see cref="Split.HasLabel"/>.</summary>
    public IReadOnlyList<Tensor?>? Labelled { get; init; }

    /// <summary>The same batch for one task alone: its target, and its own samples if it has any.</summary>
    public Batch Only(int task) => new(OwnInputs(task), Rows is null ? Count : Rows[task].Count, [Targets[task]])
    {
        Labelled = Labelled is null ? null : [Labelled[task]],
    };

    private IReadOnlyDictionary<string, Tensor> OwnInputs(int task) => Rows is null
        ? Inputs
        : Inputs.ToDictionary(input => input.Key, input => input.Value.narrow(0, Rows[task].Start, Rows[task].Count), StringComparer.Ordinal);
}
