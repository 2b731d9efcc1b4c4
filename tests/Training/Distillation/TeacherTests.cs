using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Training.Distillation;

public class TeacherTests : TensorTest
{
    [Theory]
    [InlineData(TeacherMode.Eval)]
    [InlineData(TeacherMode.Train)]
    public void Teachers_are_the_same_bits_after_a_student_was_trained(TeacherMode mode)
    {
        var networks = new TinyBenchmark().Tasks.Select(task => Tiny.SingleTaskNetwork(task)).ToList();
        using var scope = NewDisposeScope();
        var before = networks.SelectMany(network => network.NamedTensors()).Select(entry => (entry.Name, Values: entry.Values.clone())).ToList();
        before.Count(entry => entry.Name.Contains("running")).ShouldBe(6);
        using var teachers = new Teachers(networks, trainMode: mode == TeacherMode.Train, trainSeconds: 0);
        using var run = Tiny.Run(Tiny.Spec() with { Strategies = [Tiny.Strategy<KdAdaptor>(new KdAdaptorOptions { TeacherMode = mode })] }, teachers);
        using (var trainer = new Trainer(run))
            trainer.Train(_ => { }, default);
        foreach (var ((name, after), (_, values)) in networks.SelectMany(network => network.NamedTensors()).Zip(before))
            after.eq(values).all().item<bool>().ShouldBeTrue(name);
    }

    [Fact]
    public void Train_mode_takes_the_batchs_own_statistics_and_eval_mode_those_learnt()
    {
        using var scope = NewDisposeScope();
        using var eval = Tiny.Teachers();
        using var train = Tiny.Teachers(trainMode: true);
        using var run = Tiny.Run();
        using var data = run.Data;
        var batch = run.Take(data.Train, Samples.Range(0, 6, CPU));
        var part = run.Take(data.Train, Samples.Range(0, 3, CPU));
        Distance(Predict(eval, batch).narrow(0, 0, 3), Predict(eval, part)).ShouldBeLessThan(1e-6f);
        Distance(Predict(train, batch).narrow(0, 0, 3), Predict(train, part)).ShouldBeGreaterThan(1e-3f);

        run.Network.TrainMode(true);
        var own = run.Network.Forward(batch).Tasks[1].Taps["first"];
        Distance(train.Forward(1, batch).Taps["first"], own).ShouldBeLessThan(1e-6f);

        static Tensor Predict(Teachers teachers, Batch batch) => teachers.Forward(1, batch).Prediction;
    }

    [Fact]
    public void A_teacher_looks_at_a_batch_once_and_leaves_no_graph()
    {
        using var scope = NewDisposeScope();
        using var teachers = Tiny.Teachers();
        using var run = Tiny.Run(teachers: teachers);
        using var data = run.Data;
        var pass = new ForwardPass(run, run.Take(data.Train, Samples.Of([3, 1], CPU)));
        var features = pass.TeacherFeatures("first", 1);
        pass.TeacherFeatures("first", 1).ShouldBeSameAs(features);
        pass.TeacherPrediction(1).ShouldBeSameAs(pass.TeacherPrediction(1));
        pass.TeacherPrediction(2).shape.ShouldBe([2, 3, 8, 8]);
        features.requires_grad.ShouldBeFalse();
        pass.TeacherPrediction(1).requires_grad.ShouldBeFalse();
        var next = new ForwardPass(run, run.Take(data.Train, Samples.Of([5, 6], CPU)));
        Distance(next.TeacherFeatures("first", 1), features).ShouldBeGreaterThan(1e-3f);
    }

    [Fact]
    public void Where_tasks_have_their_own_images_a_teacher_sees_its_own()
    {
        using var scope = NewDisposeScope();
        using var teachers = Tiny.Teachers();
        using var run = Tiny.Run(teachers: teachers);
        using var data = run.Data;
        var whole = run.Take(data.Train, Samples.Range(0, 9, CPU));
        (long Start, long Count)[] rows = [(0, 2), (2, 4), (6, 3)];
        var step = new ForwardPass(run, new Batch("image", whole.Inputs["image"], [.. whole.Targets.Select((target, task) => target.narrow(0, rows[task].Start, rows[task].Count))], rows));
        for (var task = 0; task < rows.Length; task++)
        {
            var own = new Batch("image", whole.Inputs["image"].narrow(0, rows[task].Start, rows[task].Count), whole.Targets);
            step.TeacherFeatures("first", task).shape.ShouldBe(step.Features("first", task).shape);
            Distance(step.TeacherFeatures("first", task), teachers.Forward(task, own).Taps["first"]).ShouldBeLessThan(1e-6f);
            step.TeacherPrediction(task).shape[0].ShouldBe(rows[task].Count);
            step.SoftLoss(task, step.TeacherPrediction(task)).isfinite().item<bool>().ShouldBeTrue();
        }
    }

    [Fact]
    public void A_strategy_that_did_not_ask_for_teachers_gets_none()
    {
        using var scope = NewDisposeScope();
        using var begun = new Begun();
        Should.Throw<InvalidOperationException>(() => begun.View.TeacherPrediction(0)).Message.ShouldContain("StrategyRequirements.Teachers");
        Should.Throw<InvalidOperationException>(() => begun.View.Features("first", 0)).Message.ShouldContain("StrategyRequirements.Features");
    }

    [Fact]
    public void No_tensor_stays_behind_from_one_epoch_of_a_student_to_the_next()
    {
        var counts = new List<long>();
        using var teachers = Tiny.Teachers(trainMode: true);
        var spec = Tiny.Spec(training: Tiny.Training with { Epochs = 6, Selection = Host.Runs.Selection.Last });
        using var run = Tiny.Run(spec with { Strategies = [Tiny.Strategy<Bam>(new BamOptions()), Tiny.Strategy<KdAdaptor>(new KdAdaptorOptions())] }, teachers);
        using var trainer = new Trainer(run);
        trainer.Train(_ => counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount), default);
        counts[^1].ShouldBe(counts[2]);
    }

    private static float Distance(Tensor a, Tensor b) => (a - b).abs().max().item<float>();
}
