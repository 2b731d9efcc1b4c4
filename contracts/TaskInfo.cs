namespace KdMtlBench.Contracts;

/// <summary>One task of the run.</summary>
/// <param name="Id">kebab-case: <c>segmentation</c>.</param>
/// <param name="Kind">How to interpret predictions and targets.</param>
/// <param name="Outputs">Channels of the prediction: classes, 1 for depth, 3 for normals.</param>
public sealed record TaskInfo(string Id, TaskKind Kind, int Outputs);

/// <summary>How to interpret a task's predictions and targets.</summary>
public enum TaskKind
{
    /// <summary>Predictions are logits [batch, classes, …], targets class indices [batch, …] with −1 for void.</summary>
    Classification,

    /// <summary>Predictions and targets are values [batch, channels, …].</summary>
    Regression,

    /// <summary>Predictions are vectors [batch, 3, …] of any length, targets unit vectors; a zero target is void.</summary>
    Directions,

    /// <summary>The prediction is an objective's value itself and there is no target (toy problems).</summary>
    Objective,
}

/// <summary>A named place in the network where features can be read.</summary>
/// <param name="Name">kebab-case, unique in the model: <c>encoder-5</c>.</param>
/// <param name="Shape">The shape without the batch axis: [channels, height, width], or [features] for a vector.</param>
/// <param name="Suggested">True if distillation usually uses this tap: SegNet's last encoder and last decoder map.</param>
public sealed record FeatureTap(string Name, IReadOnlyList<long> Shape, bool Suggested);
