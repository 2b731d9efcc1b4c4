using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks.Tasks;

/// <summary>Distances: prediction and target [batch, 1, height, width], a target of 0 is invalid. The loss is the mean absolute error
/// over the valid pixels.</summary>
/// <param name="id">kebab-case.</param>
/// <param name="unit">The targets' unit; empty if they have none, as for inverse depths.</param>
public sealed class Depth(string id, string unit = "m") : LearningTask(id, TaskKind.Regression, 1)
{
    /// <summary>Each pixel of the data set has equal weight, whatever its batch.</summary>
    public override IReadOnlyList<Metric> Metrics { get; } =
        [Metric.Error("absolute-error", unit), Metric.Error("relative-error")];

    /// <inheritdoc />
    public override Tensor Loss(Tensor prediction, Tensor target) => SoftLoss(prediction, target, target);

    /// <inheritdoc />
    public override Tensor SoftLoss(Tensor prediction, Tensor target, Tensor soft) =>
        ValidPlaces.Mean((prediction - soft).abs(), target.ne(0));

    /// <inheritdoc />
    public override Measurement Measure(Device device) => new DepthMeasurement(device);

    private sealed class DepthMeasurement : DeviceMeasurement
    {
        // Sum of absolute errors, sum of relative errors, valid pixels.
        private readonly Tensor _sums;

        public DepthMeasurement(Device device) => _sums = Sums(3, ScalarType.Float64, device);

        public override IReadOnlyList<double> Values()
        {
            using var host = _sums.cpu();
            var sums = host.data<double>().ToArray();
            return [sums[0] / sums[2], sums[1] / sums[2]];
        }

        protected override void Accumulate(Tensor prediction, Tensor target)
        {
            var valid = target.ne(0);
            var truth = target.to(ScalarType.Float64);
            var absolute = (prediction.to(ScalarType.Float64) - truth).abs() * valid;
            var relative = absolute / where(valid, truth, ones_like(truth));
            _sums.add_(stack([absolute.sum(), relative.sum(), valid.sum().to(ScalarType.Float64)]));
        }
    }
}
