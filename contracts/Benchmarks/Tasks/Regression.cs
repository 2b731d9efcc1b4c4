using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks.Tasks;

/// <summary>Real values: prediction and target [batch, outputs], NaN in a target for an unknown value.
/// The loss is the mean squared error over the known values.</summary>
/// <param name="id">kebab-case.</param>
/// <param name="outputs">The number of values per sample.</param>
/// <param name="unit">The targets' unit; empty if they have none.</param>
public sealed class Regression(string id, int outputs = 1, string unit = "") : LearningTask(id, TaskKind.Regression, outputs)
{
    /// <summary>Over all known values of the data set. R² is 1 − Σ(t − p)² / Σ(t − t̄)²; it can be negative, and does not count in
    /// Δ.</summary>
    public override IReadOnlyList<Metric> Metrics { get; } =
        [Metric.Error("mae", unit), Metric.Error("rmse", unit), Metric.Score("r2", ideal: 1, countsInDelta: false)];

    /// <inheritdoc />
    public override Tensor Loss(Tensor prediction, Tensor target) => SoftLoss(prediction, target, target);

    /// <inheritdoc />
    public override Tensor SoftLoss(Tensor prediction, Tensor target, Tensor soft)
    {
        var known = target.isnan().logical_not();
        return ValidPlaces.Mean((prediction - where(known, soft, zeros_like(soft))).square(), known);
    }

    /// <inheritdoc />
    public override Measurement Measure(Device device) => new RegressionMeasurement(device);

    private sealed class RegressionMeasurement : DeviceMeasurement
    {
        // Known values, Σ|t − p|, Σ(t − p)², Σt, Σt².
        private readonly Tensor _sums;

        public RegressionMeasurement(Device device) => _sums = Sums(5, ScalarType.Float64, device);

        public override IReadOnlyList<double> Values()
        {
            using var host = _sums.cpu();
            var (count, absolute, squared, sum, squares) = host.data<double>().ToArray() is [var a, var b, var c, var d, var e] ? (a, b, c, d, e) : default;
            return [absolute / count, Math.Sqrt(squared / count), 1 - squared / (squares - sum * sum / count)];
        }

        protected override void Accumulate(Tensor prediction, Tensor target)
        {
            var known = target.isnan().logical_not();
            var truth = where(known, target, zeros_like(target)).to(ScalarType.Float64);
            var error = (prediction.to(ScalarType.Float64) - truth) * known;
            _sums.add_(stack([known.sum().to(ScalarType.Float64), error.abs().sum(), error.square().sum(), truth.sum(), truth.square().sum()]));
        }
    }
}
