using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks.Tasks;

/// <summary>One class per pixel: logits [batch, classes, height, width] against indices [batch, height, width] int64, −1 for
/// void.</summary>
/// <param name="id">kebab-case.</param>
/// <param name="classes">The number of classes.</param>
/// <param name="names">The classes' names, if they have any.</param>
public sealed class Segmentation(string id, int classes, params IReadOnlyList<string> names) : LabelTask(id, classes)
{
    /// <inheritdoc />
    public override IReadOnlyList<string> OutputNames => names;

    /// <summary>Fractions, 0 to 1, from one confusion matrix over the whole data set.</summary>
    public override IReadOnlyList<Metric> Metrics { get; } =
        [Metric.Fraction("miou"), Metric.Fraction("pixel-accuracy")];

    /// <inheritdoc />
    public override Measurement Measure(Device device) =>
        new ConfusionMeasurement(Outputs, device, confusion => [confusion.MeanIou(), confusion.Accuracy()]);
}
