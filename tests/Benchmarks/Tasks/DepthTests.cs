using CsCheck;
using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Benchmarks.Tasks;

public sealed class DepthTests : TensorTest
{
    private static readonly Depth s_task = new("depth");

    [Fact]
    public void Losses_and_metrics_are_means_over_valid_pixels() => Images.Any.Sample(
        images =>
        {
            using var scope = NewDisposeScope();
            var (prediction, target, soft) = (images.Values(1, stream: 0), images.Distances(), images.Values(1, stream: 3));
            var (absolute, relative, fromSoft, count) = (0.0, 0.0, 0.0, 0);
            for (var i = 0; i < target.Length; i++)
            {
                if (target[i] == 0)
                    continue;
                absolute += Math.Abs((double)prediction[i] - target[i]);
                relative += Math.Abs((double)prediction[i] - target[i]) / target[i];
                fromSoft += Math.Abs((double)prediction[i] - soft[i]);
                count++;
            }

            var (p, t) = (images.Maps(prediction), images.Maps(target));
            s_task.Loss(p, t).item<float>().ShouldBe((float)(absolute / Math.Max(1, count)), 1e-5f);
            s_task.SoftLoss(p, t, images.Maps(soft)).item<float>().ShouldBe((float)(fromSoft / Math.Max(1, count)), 1e-5f);
            using var measurement = s_task.Measure(CPU);
            measurement.Add(p, t);
            measurement.Values()[0].ShouldBeClose(absolute / count, 1e-12);
            measurement.Values()[1].ShouldBeClose(relative / count, 1e-10);
        },
        iter: 100, threads: 1);

    [Fact]
    public void A_perfect_prediction_has_no_error()
    {
        var images = new Images(2, 3, 5, VoidShare: 0.3, Seed: 1);
        var target = images.Maps(images.Distances());
        s_task.Loss(target, target).item<float>().ShouldBe(0);
        using var measurement = s_task.Measure(CPU);
        measurement.Add(target, target);
        measurement.Values().ShouldBe([0, 0]);
    }
}
