using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>A split whose samples are rows of tensors, stored compactly and converted batch by batch.</summary>
public sealed class TensorSplit : Split
{
    private readonly IReadOnlyDictionary<string, Tensor> _inputs;
    private readonly IReadOnlyList<Tensor> _targets;
    private readonly IReadOnlyList<IReadOnlyList<bool>?>? _labelled;

    /// <summary>Takes ownership of the tensors: they leave their dispose scope and live as long as the split.</summary>
    /// <param name="inputs">By name, [samples, …]; uint8 is divided by 255 when a batch is made.</param>
    /// <param name="targets">[samples, …] per task; int8 and uint8 become int64 when a batch is made.</param>
    /// <param name="labelled">[tasks][samples] which samples have a task's label, whatever the target holds for the others; null if all
    /// have.</param>
    public TensorSplit(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyList<Tensor> targets, IReadOnlyList<IReadOnlyList<bool>?>? labelled = null)
    {
        _labelled = labelled;
        _inputs = inputs.ToDictionary(input => input.Key, input => input.Value.DetachFromDisposeScope(), StringComparer.Ordinal);
        _targets = [.. targets.Select(target => target.DetachFromDisposeScope())];
        Count = _inputs.Values.First().shape[0];
    }

    /// <summary>A split with one input; takes ownership of the tensors.</summary>
    /// <param name="input">Its name.</param>
    /// <param name="values">[samples, …]; uint8 is divided by 255 when a batch is made.</param>
    /// <param name="targets">[samples, …] per task; int8 and uint8 become int64 when a batch is made.</param>
    /// <param name="labelled">[tasks][samples] which samples have a task's label; null if all have.</param>
    public TensorSplit(string input, Tensor values, IReadOnlyList<Tensor> targets, IReadOnlyList<IReadOnlyList<bool>?>? labelled = null)
        : this(new Dictionary<string, Tensor>(StringComparer.Ordinal) { [input] = values }, targets, labelled)
    {
    }

    /// <inheritdoc />
    public override long Count { get; }

    /// <inheritdoc />
    public override bool HasLabel(long sample, int task) => _labelled?[task]?[(int)sample] ?? true;

    /// <inheritdoc />
    public override Batch Take(Samples samples) => new(
        _inputs.ToDictionary(input => input.Key, input => Floats(input.Value.index_select(0, samples.Indices)), StringComparer.Ordinal),
        samples.Count,
        [.. _targets.Select(target => Wide(target.index_select(0, samples.Indices)))]);

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        foreach (var tensor in _inputs.Values.Concat(_targets))
            tensor.Dispose();
    }

    private static Tensor Floats(Tensor values) => values.dtype == ScalarType.Byte ? values.to(ScalarType.Float32).div_(255) : values;

    private static Tensor Wide(Tensor values) => values.dtype is ScalarType.Int8 or ScalarType.Byte ? values.to(ScalarType.Int64) : values;
}
