using CsCheck;
using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Benchmarks.Tasks;

public sealed class SegmentationTests : TensorTest
{
    private const int Classes = 5;
    private static readonly Segmentation s_task = new("segmentation", Classes);

    [Fact]
    public void Losses_are_the_mean_cross_entropy_over_valid_pixels() => Images.Any.Sample(
        images =>
        {
            using var scope = NewDisposeScope();
            var (logits, labels, soft) = (images.Values(Classes, stream: 0), images.Labels(Classes), Probabilities(images));
            var (hard, mixed, count) = (0.0, 0.0, 0);
            foreach (var (image, pixel) in images.Places)
            {
                var label = labels[(image * images.Pixels) + pixel];
                if (label < 0)
                    continue;
                double Logit(int c) => logits[images.At(Classes, image, c, pixel)];
                var logSum = Math.Log(Enumerable.Range(0, Classes).Sum(c => Math.Exp(Logit(c))));
                hard += logSum - Logit((int)label);
                mixed += Enumerable.Range(0, Classes).Sum(c => soft[images.At(Classes, image, c, pixel)] * (logSum - Logit(c)));
                count++;
            }

            var (prediction, target) = (images.Maps(logits), images.Maps(labels));
            s_task.Loss(prediction, target).item<float>().ShouldBe((float)(hard / Math.Max(1, count)), 1e-5f);
            s_task.SoftLoss(prediction, target, images.Maps(soft)).item<float>().ShouldBe((float)(mixed / Math.Max(1, count)), 1e-5f);
        },
        iter: 100, threads: 1);

    [Fact]
    public void Metrics_come_from_counts_over_all_valid_pixels() => Images.Any.Where(images => images.VoidShare < 1).Sample(
        images =>
        {
            using var scope = NewDisposeScope();
            var (logits, labels) = (images.Values(Classes, stream: 0), images.Labels(Classes));
            var (hits, truths, guesses) = (new long[Classes], new long[Classes], new long[Classes]);
            foreach (var (image, pixel) in images.Places)
            {
                var label = labels[(image * images.Pixels) + pixel];
                if (label < 0)
                    continue;
                var guess = Enumerable.Range(0, Classes).MaxBy(c => logits[images.At(Classes, image, c, pixel)]);
                truths[label]++;
                guesses[guess]++;
                hits[guess] += guess == label ? 1 : 0;
            }

            var seen = Enumerable.Range(0, Classes).Where(c => truths[c] + guesses[c] > 0).ToArray();
            var miou = seen.Length == 0 ? double.NaN : seen.Average(c => (double)hits[c] / (truths[c] + guesses[c] - hits[c]));
            var values = Measured(images.Maps(logits), images.Maps(labels));
            values[0].ShouldBeClose(miou, 1e-12);
            values[1].ShouldBeClose((double)hits.Sum() / truths.Sum(), 1e-12);
        },
        iter: 100, threads: 1);

    [Fact]
    public void A_perfect_prediction_scores_one_and_classes_that_never_occur_are_left_out()
    {
        var target = tensor(new long[] { 0, 1, -1, 1 }).reshape(1, 2, 2);
        var logits = nn.functional.one_hot(target.clamp(min: 0), Classes).permute(0, 3, 1, 2).to(ScalarType.Float32);
        Measured(logits, target).ShouldBe([1, 1]);
        s_task.Loss(logits * 1000, target).item<float>().ShouldBe(0);
    }

    [Fact]
    public void A_class_that_is_only_predicted_counts_as_zero()
    {
        var target = tensor(new long[] { 0, 0 }).reshape(1, 1, 2);
        var logits = nn.functional.one_hot(tensor(new long[] { 0, 3 }).reshape(1, 1, 2), Classes).permute(0, 3, 1, 2).to(ScalarType.Float32);
        Measured(logits, target).ShouldBe([0.25, 0.5]);
    }

    private static IReadOnlyList<double> Measured(Tensor prediction, Tensor target)
    {
        using var measurement = s_task.Measure(CPU);
        measurement.Add(prediction, target);
        return measurement.Values();
    }

    // [batch, classes, pixels], summing to one over the classes.
    private static float[] Probabilities(Images images)
    {
        using var logits = tensor(images.Values(Classes, stream: 3)).reshape(images.Batch, Classes, -1);
        return logits.softmax(1).data<float>().ToArray();
    }
}
