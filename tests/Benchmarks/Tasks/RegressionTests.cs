using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Benchmarks.Tasks;

public class RegressionTests : TensorTest
{
    [Fact]
    public void Loss_and_metrics_are_those_of_a_case_done_by_hand()
    {
        var task = new Regression("value");
        var (prediction, target) = (tensor(new[] { 1f, 2, 5 }).view(3, 1), tensor(new[] { 1f, 4, 4 }).view(3, 1));
        task.Loss(prediction, target).item<float>().ShouldBe((0 + 4 + 1) / 3f, 1e-6f);
        using var measurement = task.Measure(CPU);
        measurement.Add(prediction, target);
        // Mean 3, Σ(t − 3)² = 6.
        measurement.Values().ToArray().ShouldBe([1, Math.Sqrt(5.0 / 3), 1 - 5.0 / 6], 1e-9);
    }

    [Fact]
    public void Values_that_are_not_known_count_nowhere_and_batches_add_up()
    {
        var task = new Regression("value", outputs: 2);
        using var generator = new Generator(4);
        var (prediction, target) = (randn([6, 2], generator: generator), randn([6, 2], generator: generator));
        target[2, 1] = tensor(float.NaN);
        target[5] = tensor(float.NaN);
        using var parts = task.Measure(CPU);
        parts.Add(prediction[TensorIndex.Slice(0, 4)], target[TensorIndex.Slice(0, 4)]);
        parts.Add(prediction[TensorIndex.Slice(4, 6)], target[TensorIndex.Slice(4, 6)]);
        var pairs = prediction.data<float>().ToArray().Zip(target.data<float>().ToArray(), (p, t) => (p, t)).Where(pair => !float.IsNaN(pair.t)).ToList();
        pairs.Count.ShouldBe(9);
        var mean = pairs.Average(pair => pair.t);
        var squares = pairs.Sum(pair => Math.Pow(pair.t - pair.p, 2));
        parts.Values().ToArray().ShouldBe(
            [pairs.Average(pair => Math.Abs(pair.t - pair.p)), Math.Sqrt(squares / 9), 1 - squares / pairs.Sum(pair => Math.Pow(pair.t - mean, 2))], 1e-5);
        prediction.requires_grad_();
        var loss = task.Loss(prediction, target);
        loss.item<float>().ShouldBe((float)(squares / 9), 1e-5f);
        loss.backward();
        prediction.grad!.isfinite().all().item<bool>().ShouldBeTrue();
        prediction.grad![5].abs().sum().item<float>().ShouldBe(0);
    }
}
