using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Benchmarks.Tasks;

public sealed class ClassificationTests : TensorTest
{
    private static readonly Classification s_task = new("digit", 3);

    [Fact]
    public void Accuracy_is_the_share_of_hits_among_labelled_images()
    {
        using var measurement = s_task.Measure(CPU);
        using var logits = tensor(new float[,] { { 2, 1, 0 }, { 0, 1, 2 }, { 0, 3, 1 }, { 5, 0, 0 } });
        measurement.Add(logits, tensor(new long[] { 0, 2, 2, -1 }));
        measurement.Values().ShouldBe([2 / 3.0]);
    }

    [Fact]
    public void Losses_are_the_mean_cross_entropy_over_labelled_images()
    {
        var logits = tensor(new float[,] { { 2, 1, 0 }, { 0, 1, 2 }, { 7, 7, 7 } });
        var target = tensor(new long[] { 0, 1, -1 });
        var logSum = Math.Log(Math.Exp(2) + Math.E + 1);
        s_task.Loss(logits, target).item<float>().ShouldBe((float)((logSum - 2 + logSum - 1) / 2), 1e-6f);
        var soft = tensor(new float[,] { { 0.5f, 0.5f, 0 }, { 0, 0, 1 }, { 1, 0, 0 } });
        s_task.SoftLoss(logits, target, soft).item<float>().ShouldBe((float)((logSum - 1.5 + logSum - 2) / 2), 1e-6f);
    }
}
