using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Host.Training.Strategies;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Strategies;

public class BamTests : TensorTest
{
    private const int Segmentation = 0;
    private const int Depth = 1;
    private const int Normals = 2;

    [Fact]
    public void At_the_start_the_teacher_alone_is_the_target()
    {
        using var scope = NewDisposeScope();
        using var begun = new Begun(progress: 0);
        var teacher = begun.Pass.TeacherPrediction(Segmentation);
        var pixels = (teacher.softmax(1) * begun.Pass.Prediction(Segmentation).log_softmax(1)).sum(1).neg();
        var valid = begun.Target(Segmentation).ne(-1);
        begun.Objectives()[Segmentation].ShouldBe(pixels[valid].mean().item<float>(), 1e-5f);
        var distances = (begun.Pass.Prediction(Depth) - begun.Pass.TeacherPrediction(Depth)).abs();
        begun.Objectives()[Depth].ShouldBe(distances[begun.Target(Depth).ne(0)].mean().item<float>(), 1e-5f);
        var cosines = nn.functional.cosine_similarity(begun.Pass.Prediction(Normals), begun.Pass.TeacherPrediction(Normals), 1);
        begun.Objectives()[Normals].ShouldBe((1 - cosines).mean().item<float>(), 1e-5f);
    }

    [Fact]
    public void At_the_end_the_truth_alone_is_the_target()
    {
        using var scope = NewDisposeScope();
        using var begun = new Begun(progress: 1);
        begun.Objectives().ShouldBe(begun.Losses(), 1e-5f);
        using var start = new Begun(progress: 0);
        start.Objectives().Zip(start.Losses(), (objective, loss) => Math.Abs(objective - loss)).ShouldAllBe(change => change > 1e-3f);
    }

    [Fact]
    public void In_between_both_are_mixed_by_the_share_of_the_run_that_is_done()
    {
        using var scope = NewDisposeScope();
        using var begun = new Begun(progress: 0.25);
        var labels = begun.Target(Segmentation);
        var oneHot = nn.functional.one_hot(labels.clamp(min: 0), 3).permute(0, 3, 1, 2).to(ScalarType.Float32);
        var mixed = 0.25 * oneHot + 0.75 * begun.Pass.TeacherPrediction(Segmentation).softmax(1);
        begun.Objectives()[Segmentation].ShouldBe(begun.Pass.SoftLoss(Segmentation, mixed).item<float>(), 1e-5f);
        var map = 0.25 * begun.Target(Depth) + 0.75 * begun.Pass.TeacherPrediction(Depth);
        begun.Objectives()[Depth].ShouldBe(begun.Pass.SoftLoss(Depth, map).item<float>(), 1e-5f);
    }

    [Fact]
    public void The_length_of_a_teachers_direction_does_not_matter()
    {
        using var scope = NewDisposeScope();
        using var begun = new Begun(progress: 0.5);
        using var scaled = new Begun(progress: 0.5, headFactor: 7);
        scaled.Objectives()[Normals].ShouldBe(begun.Objectives()[Normals], 1e-5f);
        Math.Abs(scaled.Objectives()[Depth] - begun.Objectives()[Depth]).ShouldBeGreaterThan(1e-2f);
    }

    [Fact]
    public void Heads_learn_from_the_teacher_where_the_truth_has_no_say_yet()
    {
        using var scope = NewDisposeScope();
        using var begun = new Begun(progress: 0);
        begun.Step.Backward();
        var gradients = begun.Run.Network.TaskParameters.Select(parameter => parameter.grad!.clone()).ToList();
        using var expected = new Begun(progress: 0);
        expected.Pass.SoftLoss(Segmentation, expected.Pass.TeacherPrediction(Segmentation).softmax(1)).backward();
        (gradients[0] - expected.Run.Network.TaskParameters[0].grad!).abs().max().item<float>().ShouldBeLessThan(1e-6f);
    }

    /// <summary>A Tiny step at some point of the run, with teachers of another seed.</summary>
    private sealed class Begun : IDisposable
    {
        private readonly Teachers _teachers;
        private readonly EpochLog _log;

        public Begun(double progress, double headFactor = 1)
        {
            var networks = new TinyBenchmark().Tasks.Select(task => Tiny.SingleTaskNetwork(task, seed: 2)).ToList();
            using (no_grad())
                foreach (var parameter in networks.SelectMany(network => network.TaskParameters))
                    parameter.mul_(headFactor);
            _teachers = new Teachers(networks, trainMode: false, trainSeconds: 0);
            Run = Tiny.Run(Tiny.Spec() with { Strategies = [Tiny.Strategy<Bam>(new BamOptions())] }, _teachers);
            Run.Network.TrainMode(true);
            _log = new EpochLog(Run);
            Step = new TrainingStep(Run, _log);
            var index = (long)(progress * Run.Steps);
            Step.Begin(index, (int)(index / Run.StepsPerEpoch), Run.Take(Run.Data.Train, Samples.Of([3, 1, 4, 8], CPU)));
            Step.Progress.ShouldBe(progress);
        }

        public RunContext Run { get; }

        public TrainingStep Step { get; }

        public ForwardPass Pass => Step.Pass;

        public Tensor Target(int task) => Pass.Batch.Targets[task];

        public float[] Objectives() => [.. Run.Strategies[0].Objectives(new StrategyStep(Step, 0, Pass, Pass.Losses), Pass.Losses).Select(objective => objective.item<float>())];

        public float[] Losses() => [.. Pass.Losses.Select(loss => loss.item<float>())];

        public void Dispose()
        {
            Step.Dispose();
            _log.Dispose();
            Run.Data.Dispose();
            Run.Dispose();
            _teachers.Dispose();
        }
    }
}
