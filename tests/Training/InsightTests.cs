using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Host.Models;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Views;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Training;

/// <summary>What is kept of runs for the report, and that keeping it changes nothing.</summary>
public sealed class InsightTests : TensorTest
{
    [Fact]
    public void Cosines_in_bfloat16_are_nearly_those_of_float32()
    {
        using var half = Tiny.Run(Tiny.Spec(training: Tiny.Training with { Precision = Precision.Bf16 }));
        using var full = Tiny.Run();
        var expected = new ConflictProbe(full).Cosines();
        foreach (var (pair, cosine) in new ConflictProbe(half).Cosines())
            cosine.ShouldBe(expected[pair], 0.02);
    }

    [Fact]
    public void A_confusion_is_the_true_class_and_then_the_predicted_one()
    {
        using var measurement = new ConfusionMeasurement(3, CPU, _ => []);
        measurement.Add(tensor(new float[,] { { 0, 0, 1 }, { 0, 0, 1 }, { 1, 0, 0 } }), tensor(new long[] { 1, 1, 0 }));
        Trainer.Cells("digits", measurement.Matrix(), 3).ShouldBe([new ConfusionRecord("digits", 0, 0, 1), new ConfusionRecord("digits", 1, 2, 2)]);
    }

    [Fact]
    public void Cosines_are_those_of_the_tasks_gradients()
    {
        using var run = Tiny.Run();
        var cosines = new ConflictProbe(run).Cosines();
        run.Network.TrainMode(true);
        var batch = run.Take(run.Data.Train, Samples.Range(0, run.BatchSize, CPU));
        var predictions = run.Network.Predict(batch);
        var gradients = run.Tasks.Select((task, i) => cat([.. autograd.grad([task.Loss(predictions[i], batch.Targets[i])], run.SharedParameters, retain_graph: true)
            .Select(gradient => gradient.flatten().to(ScalarType.Float64))])).ToList();
        cosines.Count.ShouldBe(3);
        foreach (var (i, j) in new[] { (0, 1), (0, 2), (1, 2) })
        {
            var expected = (gradients[i].dot(gradients[j]) / (gradients[i].norm() * gradients[j].norm())).item<double>();
            cosines[$"{run.Tasks[i].Id}/{run.Tasks[j].Id}"].ShouldBe(expected, 1e-5);
        }
    }

    [Fact]
    public void Looking_at_the_conflict_changes_no_bit_of_the_run()
    {
        using var blind = new TemporaryFolder();
        using var looking = new TemporaryFolder();
        var spec = Tiny.Spec();
        var first = Execute(blind, spec, conflict: false);
        var second = Execute(looking, spec, conflict: true);
        second.Test.ShouldBe(first.Test);
        File.ReadAllBytes(new RunStore(looking.Path).CurvePath(spec.Id)).ShouldBe(File.ReadAllBytes(new RunStore(blind.Path).CurvePath(spec.Id)));
        new RunStore(blind.Path).ReadConflict(spec.Id).ShouldBeEmpty();
        var epochs = new RunStore(looking.Path).ReadConflict(spec.Id);
        epochs.Select(epoch => epoch.Epoch).ShouldBe([1, 2, 3]);
        epochs.SelectMany(epoch => epoch.Cosines.Values).ShouldAllBe(cosine => Math.Abs(cosine) <= 1);
    }

    [Fact]
    public void The_pictures_hold_input_truth_and_prediction_of_the_selected_network()
    {
        using var folder = new TemporaryFolder();
        var spec = Tiny.Spec();
        Execute(folder, spec, conflict: false);
        using var file = TensorFile.Open(new RunStore(folder.Path).PicturesPath(spec.Id));
        file.Metadata["depth"].ShouldBe("Regression");
        file.Names.Count.ShouldBe(1 + 3 * 2);
        file.Read("input").shape.ShouldBe([3, 3, 8, 8]);
        var benchmark = new TinyBenchmark();
        using var data = benchmark.Load(new DataContext(null, CPU, default));
        var test = data.Test.Take(Samples.Range(0, 3, CPU));
        file.Read("segmentation.truth").to(ScalarType.Int64).Equals(test.Targets[0]).ShouldBeTrue();
        file.Read("segmentation.prediction").shape.ShouldBe([3, 8, 8]);
        file.Read("segmentation.prediction").max().item<short>().ShouldBeLessThan((short)3);
        var lengths = file.Read("normals.prediction").to(ScalarType.Float32).square().sum(1);
        (lengths - 1).abs().max().item<float>().ShouldBeLessThan(0.01f);
        (file.Read("input").to(ScalarType.Float32) - test.Inputs["image"] * 255).abs().max().item<float>().ShouldBeLessThan(0.51f);
    }

    [Fact]
    public void The_confusions_give_the_accuracy_of_the_record()
    {
        using var folder = new TemporaryFolder();
        var spec = Tiny.Spec(benchmark: typeof(TwoLabels)) with { Model = Tiny.Component("lenet", typeof(LeNet), new LeNetOptions { Width = 0.2 }) };
        var record = Execute(folder, spec, conflict: true);
        record.Failure.ShouldBeNull();
        var cells = new RunStore(folder.Path).ReadConfusions(spec.Id);
        foreach (var task in new[] { "a", "b" })
        {
            var own = cells.Where(cell => cell.Task == task).ToList();
            own.Sum(cell => cell.Count).ShouldBe(30);
            ((double)own.Where(cell => cell.Truth == cell.Predicted).Sum(cell => cell.Count) / 30).ShouldBe(record.Test[$"{task}.accuracy"], 1e-12);
        }

        record.AtChance.ShouldBe(["a", "b"], "labels are random: nothing can be learnt");
        File.Exists(new RunStore(folder.Path).PicturesPath(spec.Id)).ShouldBeFalse();
    }

    private static RunRecord Execute(TemporaryFolder folder, RunSpec spec, bool conflict)
    {
        var benchmark = spec.Benchmark.CreateBenchmark();
        using var data = benchmark.Load(new DataContext(null, CPU, default));
        var executor = new RunExecutor(new RunStore(folder.Path), new TeacherStore(folder.Path), CPU, parallel: 2, keepTeachers: false, resume: true)
        {
            Conflict = conflict,
            KeepsPictures = _ => true,
        };
        return executor.Execute(spec, benchmark, data, PlainView.Silent, new Heartbeat(default));
    }

    public sealed class TwoLabels : IBenchmark
    {
        public IReadOnlyList<LearningTask> Tasks { get; } = [new Classification("a", 3), new Classification("b", 4)];

        public IReadOnlyList<InputInfo> Inputs { get; } = [InputInfo.Image(1, 20, 20)];

        public BenchmarkData Load(DataContext context) => new(Split(1, 40), Split(2, 20), Split(3, 30), "89ab");

        private static TensorSplit Split(int seed, int count)
        {
            using var generator = new Generator((ulong)seed);
            return new TensorSplit(
                "image",
                randint(0, 255, [count, 1, 20, 20], generator: generator).to(ScalarType.Byte),
                [randint(0, 3, [count], generator: generator).to(ScalarType.Byte), randint(0, 4, [count], generator: generator).to(ScalarType.Byte)]);
        }
    }
}
