using CsCheck;
using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Benchmarks.Tasks;

/// <summary>What holds for every task.</summary>
public sealed class LearningTaskTests : TensorTest
{
    private const int Classes = 4;

    private static readonly LearningTask[] s_tasks =
        [new Classification("digit", Classes), new Segmentation("segmentation", Classes), new Depth("depth"), new SurfaceNormals("normals")];

    public static TheoryData<string> Tasks => [.. s_tasks.Select(task => task.Id)];

    [Theory, MemberData(nameof(Tasks))]
    public void Metrics_do_not_depend_on_the_batches(string id) => Images.Any.Sample(
        images =>
        {
            using var scope = NewDisposeScope();
            var task = Task(id);
            var (prediction, target) = Data(task, images);
            using var whole = task.Measure(CPU);
            using var parts = task.Measure(CPU);
            whole.Add(prediction, target);
            for (var row = 0; row < images.Batch; row++)
                parts.Add(prediction.narrow(0, row, 1), target.narrow(0, row, 1));
            foreach (var (a, b) in whole.Values().Zip(parts.Values()))
                a.ShouldBeClose(b, 1e-12);
        },
        iter: 50, threads: 1);

    [Theory, MemberData(nameof(Tasks))]
    public void Void_places_get_no_gradient(string id) => Images.Any.Sample(
        images =>
        {
            using var scope = NewDisposeScope();
            var task = Task(id);
            var (prediction, target) = Data(task, images);
            var valid = Valid(task, images).expand_as(prediction);
            foreach (var loss in new[] { task.Loss, (p, t) => task.SoftLoss(p, t, Soft(task, prediction)) })
            {
                var leaf = prediction.clone().requires_grad_();
                loss(leaf, target).backward();
                leaf.grad!.isfinite().all().item<bool>().ShouldBeTrue();
                leaf.grad!.ne(0).logical_and(valid.logical_not()).any().item<bool>().ShouldBeFalse();
                leaf.grad!.ne(0).any().item<bool>().ShouldBe(valid.any().item<bool>());
            }
        },
        iter: 50, threads: 1);

    [Theory, MemberData(nameof(Tasks))]
    public void Without_a_valid_place_the_losses_are_zero_and_the_metrics_are_not_numbers(string id)
    {
        var task = Task(id);
        var (prediction, target) = Data(task, new Images(2, 3, 5, VoidShare: 1, Seed: 1));
        task.Loss(prediction, target).item<float>().ShouldBe(0);
        task.SoftLoss(prediction, target, Soft(task, prediction)).item<float>().ShouldBe(0);
        using var measurement = task.Measure(CPU);
        measurement.Values().ShouldAllBe(value => double.IsNaN(value));
        measurement.Add(prediction, target);
        measurement.Values().ShouldAllBe(value => double.IsNaN(value));
        measurement.Values().Count.ShouldBe(task.Metrics.Count);
    }

    [Theory, MemberData(nameof(Tasks))]
    public void A_prediction_that_is_not_a_number_does_not_stop_a_measurement(string id)
    {
        var task = Task(id);
        var (prediction, target) = Data(task, new Images(2, 3, 5, VoidShare: 0, Seed: 1));
        using var measurement = task.Measure(CPU);
        measurement.Add(full_like(prediction, double.NaN), target);
        measurement.Values().Count.ShouldBe(task.Metrics.Count);
    }

    [Theory, MemberData(nameof(Tasks))]
    public void A_measurement_outlives_the_scopes_it_is_used_in_and_keeps_no_temporaries(string id)
    {
        var task = Task(id);
        var (prediction, target) = Data(task, new Images(2, 3, 5, VoidShare: 0.3, Seed: 1));
        prediction.requires_grad_();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Measurement measurement;
        using (NewDisposeScope())
            measurement = task.Measure(CPU);
        var made = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        measurement.Add(prediction, target);
        using (NewDisposeScope())
            measurement.Add(prediction, target);
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(made);

        measurement.Values().ShouldAllBe(value => double.IsFinite(value));
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(made);

        measurement.Dispose();
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
        made.ShouldBeGreaterThan(before);
    }

    private static LearningTask Task(string id) => s_tasks.Single(task => task.Id == id);

    private static (Tensor Prediction, Tensor Target) Data(LearningTask task, Images images)
    {
        var prediction = images.Maps(images.Values(task.Outputs, stream: 0));
        return task switch
        {
            Classification => (prediction.mean([2, 3]), images.Maps(images.Labels(Classes)).flatten(1).select(1, 0)),
            Segmentation => (prediction, images.Maps(images.Labels(Classes))),
            Depth => (prediction, images.Maps(images.Distances())),
            _ => (prediction, images.Maps(images.Normals())),
        };
    }

    // A teacher's output: probabilities or a map, nowhere equal or parallel to the prediction.
    private static Tensor Soft(LearningTask task, Tensor prediction) =>
        task is LabelTask ? prediction.neg().softmax(1) : 1 - prediction;

    // [batch, 1, …], as the prediction.
    private static Tensor Valid(LearningTask task, Images images)
    {
        var valid = tensor(images.Valid()).reshape(images.Batch, 1, images.Height, images.Width);
        return task is Classification ? valid.flatten(2).select(2, 0) : valid;
    }
}
