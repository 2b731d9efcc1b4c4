using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Views;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Training;

public class TrainerTests : TensorTest
{
    [Fact]
    public void Training_lowers_every_loss_and_scores_the_selected_epoch()
    {
        var (result, epochs) = Train(Tiny.Spec(training: Tiny.Training with { Epochs = 12 }));
        foreach (var task in epochs[0].TrainLosses.Keys)
            epochs[^1].TrainLosses[task].ShouldBeLessThan(epochs[0].TrainLosses[task]);
        result.Validation.ShouldBe(epochs[result.SelectedEpoch - 1].Validation);
        result.Test.Keys.ShouldBe(result.Validation.Keys);
        result.Cost.BackwardPasses.ShouldBe(1);
    }

    [Fact]
    public void Same_seed_gives_the_same_numbers_and_another_seed_others()
    {
        var first = Train(Tiny.Spec(seed: 5));
        Train(Tiny.Spec(seed: 6)).Epochs[^1].TrainLosses["depth"].ShouldNotBe(first.Epochs[^1].TrainLosses["depth"]);
        var again = Train(Tiny.Spec(seed: 5));
        again.Result.Test.ShouldBe(first.Result.Test);
        again.Epochs.Select(epoch => epoch.TrainLosses["depth"]).ShouldBe(first.Epochs.Select(epoch => epoch.TrainLosses["depth"]));
    }

    [Fact]
    public void Baselines_start_from_the_same_trunk_as_multi_task_runs()
    {
        using var many = Tiny.Run(Tiny.Spec(seed: 3));
        using var one = Tiny.Run(Tiny.Spec(seed: 3, singleTask: "depth"));
        one.Tasks.Single().Id.ShouldBe("depth");
        foreach (var (a, b) in many.Network.Module.SharedParameters.Zip(one.Network.Module.SharedParameters))
            a.eq(b).all().item<bool>().ShouldBeTrue();
    }

    [Fact]
    public void Best_selection_takes_the_epoch_with_the_smallest_validation_error()
    {
        var (result, epochs) = Train(Tiny.Spec(training: Tiny.Training with { Epochs = 8, LearningRate = 0.3 }));
        var errors = epochs.Select(epoch => epoch.Validation.GroupBy(metric => metric.Key.Split('.')[0])
            .Average(task => task.Average(metric => Math.Log(Error(metric.Key, metric.Value))))).ToList();
        result.SelectedEpoch.ShouldBe(errors.IndexOf(errors.Min()) + 1);
        Train(Tiny.Spec(training: Tiny.Training with { Epochs = 8, LearningRate = 0.3, Selection = Selection.Last })).Result.SelectedEpoch.ShouldBe(8);
    }

    [Fact]
    public void A_loss_that_is_not_finite_ends_the_run_with_task_and_step()
    {
        var exception = Should.Throw<DivergedException>(() => Train(Tiny.Spec(strategy: typeof(Poison))));
        exception.Message.ShouldContain("loss of task");
        exception.Message.ShouldContain("from step 6 on");
    }

    [Fact]
    public void A_weight_that_is_not_a_number_is_blamed_on_the_strategy_that_gave_it() =>
        Should.Throw<DivergedException>(() => Train(Tiny.Spec(strategy: typeof(NoWeight))))
            .Message.ShouldBe("the strategy `NoWeight` gives task `segmentation` the weight NaN from step 6 on (epoch 2)");

    [Fact]
    public void A_run_that_throws_is_recorded_as_failed_with_its_reason()
    {
        using var folder = new TemporaryFolder();
        var record = Execute(folder, Tiny.Spec(strategy: typeof(Thrower)));
        record.Status.ShouldBe(RunStatus.Failed);
        record.Failure.ShouldBe("InvalidOperationException: no direction here (at step 5)");
        new RunStore(folder.Path).ReadAll().Records.Single().Failure.ShouldBe(record.Failure);
    }

    [Fact]
    public void Files_of_a_run_are_the_same_bytes_after_other_runs_and_beside_another_run()
    {
        using var alone = new TemporaryFolder();
        using var later = new TemporaryFolder();
        using var beside = new TemporaryFolder();
        var spec = Tiny.Spec(seed: 2);
        Execute(alone, spec);
        Execute(later, Tiny.Spec(seed: 1));
        Execute(later, spec);
        Parallel.Invoke(() => Execute(beside, spec), () => Execute(beside, Tiny.Spec(seed: 9)));
        var expected = File.ReadAllBytes(new RunStore(alone.Path).CurvePath(spec.Id));
        expected.Length.ShouldBeGreaterThan(100);
        File.ReadAllBytes(new RunStore(later.Path).CurvePath(spec.Id)).ShouldBe(expected);
        File.ReadAllBytes(new RunStore(beside.Path).CurvePath(spec.Id)).ShouldBe(expected);
    }

    [Fact]
    public void Cancelling_leaves_no_record()
    {
        using var folder = new TemporaryFolder();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Should.Throw<OperationCanceledException>(() => Execute(folder, Tiny.Spec(), cancelled.Token));
        new RunStore(folder.Path).ReadAll().Records.ShouldBeEmpty();
    }

    [Fact]
    public void No_tensor_stays_behind_from_one_epoch_to_the_next()
    {
        var counts = new List<long>();
        using var run = Tiny.Run(Tiny.Spec(training: Tiny.Training with { Epochs = 6, Selection = Selection.Last }));
        using var trainer = new Trainer(run);
        trainer.Train(_ => counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount), default);
        counts[^1].ShouldBe(counts[2]);
    }

    [Fact]
    public void Each_strategy_of_a_list_receives_what_the_one_before_it_returns_and_records_its_own_weights()
    {
        var spec = Tiny.Spec() with { Strategies = [Tiny.Component("term", typeof(Term)), Tiny.Component("half", typeof(Half))] };
        var (result, epochs) = Train(spec);
        string[] tasks = ["segmentation", "depth", "normals"];
        epochs[0].Weights.ShouldBe(new[] { ("term", 1.0), ("half", 0.5) }
            .SelectMany(strategy => tasks.Select(task => KeyValuePair.Create($"{strategy.Item1}.{task}", strategy.Item2))).ToDictionary(), ignoreOrder: true);
        epochs[0].TrainLosses.Keys.ShouldBe(tasks);
        result.Cost.BackwardPasses.ShouldBe(1);
    }

    private static (TrainingResult Result, List<EpochRecord> Epochs) Train(RunSpec spec)
    {
        using var run = Tiny.Run(spec);
        using var trainer = new Trainer(run);
        var epochs = new List<EpochRecord>();
        return (trainer.Train(epochs.Add, default), epochs);
    }

    private static RunRecord Execute(TemporaryFolder folder, RunSpec spec, CancellationToken cancellation = default)
    {
        var benchmark = spec.Benchmark.CreateBenchmark();
        using var data = benchmark.Load(new DataContext(null, CPU, default));
        return new RunExecutor(new RunStore(folder.Path), new TeacherStore(folder.Path), CPU, parallel: 2, keepTeachers: false, resume: true).Execute(spec, benchmark, data, PlainView.Silent, new Heartbeat(cancellation));
    }

    private static double Error(string metric, double value) =>
        metric.EndsWith("error") || metric.EndsWith("angle") ? value : 1 - value;

    public sealed class Poison : ObjectiveStrategy
    {
        private int _calls;

        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
        {
            _calls++;
            return [.. losses.Select(loss => loss * (_calls > 5 ? double.NaN : 1))];
        }
    }

    public sealed class NoWeight : LossWeighting
    {
        protected override Tensor Weights(ITrainingStep step, Tensor losses) => step.Index == 6 ? losses * double.NaN : ones_like(losses);
    }

    public sealed class Thrower : LossWeighting
    {
        protected override Tensor Weights(ITrainingStep step, Tensor losses) =>
            step.Index == 5 ? throw new InvalidOperationException("no direction here") : ones_like(losses);
    }

    public sealed class Term : ObjectiveStrategy
    {
        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => [.. losses.Select(loss => loss + 1)];
    }

    public sealed class Half : LossWeighting
    {
        protected override Tensor Weights(ITrainingStep step, Tensor losses) =>
            losses[0].item<float>() > 1 ? full_like(losses, 0.5) : throw new InvalidOperationException("the first strategy's term is missing");
    }
}
