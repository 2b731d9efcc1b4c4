using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks.Tasks;

/// <summary>One class per image: logits [batch, classes] against indices [batch] int64; −1 is ignored.</summary>
public sealed class Classification(string id, int classes) : LabelTask(id, classes)
{
    /// <summary>A fraction, 0 to 1.</summary>
    public override IReadOnlyList<Metric> Metrics { get; } = [Metric.Fraction("accuracy")];

    /// <inheritdoc />
    public override Measurement Measure(Device device) =>
        new ConfusionMeasurement(Outputs, device, confusion => [confusion.Accuracy()]);
}
