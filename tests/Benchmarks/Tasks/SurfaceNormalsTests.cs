using CsCheck;
using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Benchmarks.Tasks;

public sealed class SurfaceNormalsTests : TensorTest
{
    private const double MedianTolerance = 0.0005 + 1e-9;
    private static readonly SurfaceNormals s_task = new("normals");

    [Fact]
    public void Losses_are_one_minus_the_mean_cosine_over_valid_pixels() => Images.Any.Sample(
        images =>
        {
            using var scope = NewDisposeScope();
            var (prediction, target, soft) = (images.Values(3, stream: 0), images.Normals(), images.Values(3, stream: 3));
            var (hard, fromSoft, count) = (0.0, 0.0, 0);
            foreach (var (image, pixel) in images.Places.Where(place => images.Length(target, place.Image, place.Pixel) > 0))
            {
                var length = images.Length(prediction, image, pixel);
                hard += 1 - (images.Dot(prediction, target, image, pixel) / length);
                fromSoft += 1 - (images.Dot(prediction, soft, image, pixel) / length / images.Length(soft, image, pixel));
                count++;
            }

            var (p, t) = (images.Maps(prediction), images.Maps(target));
            s_task.Loss(p, t).item<float>().ShouldBe((float)(hard / Math.Max(1, count)), 1e-5f);
            s_task.SoftLoss(p, t, images.Maps(soft)).item<float>().ShouldBe((float)(fromSoft / Math.Max(1, count)), 1e-5f);
        },
        iter: 100, threads: 1);

    [Fact]
    public void Metrics_are_those_of_the_sorted_angles() => Images.Any.Where(images => images.VoidShare < 1).Sample(
        images =>
        {
            using var scope = NewDisposeScope();
            var target = images.Normals();
            // Near the truth, so that the thresholds lie among the angles.
            var prediction = target.Zip(images.Values(3, stream: 0), (truth, noise) => truth + (0.3f * noise)).ToArray();
            var angles = images.Places.Where(place => images.Length(target, place.Image, place.Pixel) > 0)
                .Select(place => Degrees(images, prediction, target, place.Image, place.Pixel)).Order().ToArray();
            using var measurement = s_task.Measure(CPU);
            measurement.Add(images.Maps(prediction), images.Maps(target));
            if (angles.Length == 0)
                return;
            var values = measurement.Values();
            values[0].ShouldBe(angles.Average(), 1e-6);
            values[1].ShouldBe((angles[(angles.Length - 1) / 2] + angles[angles.Length / 2]) / 2, MedianTolerance);
            values[2].ShouldBe(angles.Count(angle => angle < 11.25) / (double)angles.Length, 1e-12);
            values[3].ShouldBe(angles.Count(angle => angle < 22.5) / (double)angles.Length, 1e-12);
            values[4].ShouldBe(angles.Count(angle => angle < 30) / (double)angles.Length, 1e-12);
        },
        iter: 100, threads: 1);

    [Theory, InlineData(1, 0), InlineData(-1, 180)]
    public void Perfect_and_opposite_predictions_reach_both_ends(float length, double angle)
    {
        var images = new Images(4, 6, 6, VoidShare: 0.3, Seed: 1);
        var target = images.Maps(images.Normals());
        using var measurement = s_task.Measure(CPU);
        measurement.Add(target * (7 * length), target);
        var within = angle == 0 ? 1.0 : 0.0;
        var values = measurement.Values();
        values[0].ShouldBe(angle, 1e-5);
        values[1].ShouldBe(angle, MedianTolerance);
        values.Skip(2).ShouldBe([within, within, within]);
        s_task.Loss(target * (7 * length), target).item<float>().ShouldBe((float)(1 - length), 1e-6f);
    }

    [Fact]
    public void A_prediction_of_no_length_has_a_finite_gradient()
    {
        var images = new Images(1, 2, 2, VoidShare: 0, Seed: 1);
        var prediction = zeros(1, 3, 2, 2).requires_grad_();
        var loss = s_task.Loss(prediction, images.Maps(images.Normals()));
        loss.item<float>().ShouldBe(1);
        loss.backward();
        prediction.grad!.isfinite().all().item<bool>().ShouldBeTrue();
    }

    private static double Degrees(Images images, float[] prediction, float[] target, int image, int pixel)
    {
        var cosine = images.Dot(prediction, target, image, pixel)
            / images.Length(prediction, image, pixel) / images.Length(target, image, pixel);
        return Math.Acos(Math.Clamp(cosine, -1, 1)) * 180 / Math.PI;
    }
}
