using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks.Tasks;

/// <summary>Directions: prediction [batch, 3, height, width] of any length, target unit vectors, zero for void.
/// The loss is 1 − cosine of the angle between the two, averaged over the valid pixels.</summary>
public sealed class SurfaceNormals(string id) : LearningTask(id, TaskKind.Directions, 3)
{
    // Divided by at least this, a prediction of no length has a finite gradient.
    private const double ShortestLength = 1e-6;

    /// <summary>Over all valid pixels of the data set. The median is exact to 0.0005°; for an even number of pixels it is
    /// the mean of the middle two. The <c>within-…</c> are fractions, 0 to 1, of angles strictly below 11.25°, 22.5° and 30°.</summary>
    public override IReadOnlyList<Metric> Metrics { get; } =
    [
        Metric.Error("mean-angle", "°"),
        Metric.Error("median-angle", "°"),
        Metric.Fraction("within-11-25"),
        Metric.Fraction("within-22-5"),
        Metric.Fraction("within-30"),
    ];

    /// <inheritdoc />
    public override Tensor Loss(Tensor prediction, Tensor target) => SoftLoss(prediction, target, target);

    /// <inheritdoc />
    public override Tensor SoftLoss(Tensor prediction, Tensor target, Tensor soft) =>
        ValidPlaces.Mean(1 - Cosine(prediction, soft), Valid(target));

    /// <inheritdoc />
    public override Measurement Measure(Device device) => new AngleMeasurement(device);

    // [batch, height, width]. Spelled out, since torch's norms over three strided values take 40 times as long on a processor.
    private static Tensor Cosine(Tensor a, Tensor b) => (a * b).sum(1) * InverseLength(a) * InverseLength(b);

    private static Tensor InverseLength(Tensor vectors) =>
        (vectors * vectors).sum(1).clamp(min: ShortestLength * ShortestLength).rsqrt();

    // [batch, height, width].
    private static Tensor Valid(Tensor target) => target.ne(0).any(1);

    private sealed class AngleMeasurement : DeviceMeasurement
    {
        private const int BinsPerDegree = 1000;

        // The last bin holds 180° itself.
        private const long Bins = (180 * BinsPerDegree) + 1;

        private readonly Tensor _sum;
        private readonly Tensor _histogram;

        public AngleMeasurement(Device device)
        {
            _sum = Sums(1, ScalarType.Float64, device);
            _histogram = Sums(Bins, ScalarType.Int64, device);
        }

        public override IReadOnlyList<double> Values()
        {
            using var hostSum = _sum.cpu();
            using var hostHistogram = _histogram.cpu();
            var histogram = hostHistogram.data<long>().ToArray();
            var count = histogram.Sum();
            return
            [
                hostSum.item<double>() / count,
                (Ranked(histogram, (count - 1) / 2) + Ranked(histogram, count / 2)) / 2,
                Below(11.25),
                Below(22.5),
                Below(30),
            ];

            double Below(double degrees) => (double)histogram.Take((int)(degrees * BinsPerDegree)).Sum() / count;
        }

        // In float64, the target's rounding divided out: near 0° the arc cosine turns an error of 1e-7 into 0.03°.
        protected override void Accumulate(Tensor prediction, Tensor target)
        {
            var valid = Valid(target);
            var cosine = Cosine(prediction.to(ScalarType.Float64), target.to(ScalarType.Float64));
            var degrees = cosine.clamp(-1, 1).acos() * (180 / Math.PI);
            _sum.add_((degrees * valid).sum());
            // A NaN shows in the mean; as an index it would be out of bounds.
            var bins = degrees.nan_to_num(nan: 180).mul_(BinsPerDegree).to(ScalarType.Int64);
            Count(_histogram, bins, valid);
        }

        // The middle of the bin that holds the angle of this rank, from 0.
        private static double Ranked(long[] histogram, long rank)
        {
            for (var bin = 0; bin < histogram.Length; bin++)
            {
                rank -= histogram[bin];
                if (rank < 0)
                    return (bin + 0.5) / BinsPerDegree;
            }

            return double.NaN;
        }
    }
}
