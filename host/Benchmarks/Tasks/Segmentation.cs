using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Tasks;

/// <summary>One class a pixel: logits [batch, classes, height, width] against indices [batch, height, width] int64, −1 for void.</summary>
public sealed class Segmentation(string id, int classes) : LabelTask(id, classes)
{
    /// <summary>Fractions, 0 to 1, from one confusion matrix over the whole data set.</summary>
    public override IReadOnlyList<Metric> Metrics { get; } =
        [new("miou", "%", HigherIsBetter: true), new("pixel-accuracy", "%", HigherIsBetter: true)];

    public override Measurement Measure(Device device) =>
        new ConfusionMeasurement(Outputs, device, confusion => [confusion.MeanIou(), confusion.Accuracy()]);
}
