using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace KdMtlBench.Contracts.Benchmarks.Tasks;

/// <summary>One of several classes per place: logits [batch, classes, …] against indices [batch, …] int64, −1 for void.
/// The loss is the cross-entropy, averaged over the valid places.</summary>
public abstract class LabelTask(string id, int classes) : LearningTask(id, TaskKind.Classification, classes)
{
    private const long Void = -1;

    /// <inheritdoc />
    /// <remarks>Sum divided by count, since torch's own mean is NaN where no place is valid.</remarks>
    public override Tensor Loss(Tensor prediction, Tensor target) =>
        cross_entropy(prediction, target, ignore_index: Void, reduction: nn.Reduction.Sum) / target.ne(Void).sum().clamp(min: 1);

    /// <inheritdoc />
    public override Tensor SoftLoss(Tensor prediction, Tensor target, Tensor soft) =>
        ValidPlaces.Mean(cross_entropy(prediction, soft, reduction: nn.Reduction.None), target.ne(Void));
}
