using KdMtlBench.Host.Models;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Strategies;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Strategies;

public class KdAdaptorTests : TensorTest
{
    [Fact]
    public void The_distance_is_that_of_a_case_done_by_hand()
    {
        using var scope = NewDisposeScope();
        // (3, 4) and (0, 5) are (0.6, 0.8) and (0, 1) at length 1: 0.36 + 0.04. The second position is one direction twice: 0.
        var a = tensor(new float[] { 3, 1, 4, 2 }).view(1, 2, 1, 2);
        var b = tensor(new float[] { 0, 10, 5, 20 }).view(1, 2, 1, 2);
        KdAdaptor.Distance(a, b).item<float>().ShouldBe(0.4f / 2, 1e-6f);
        KdAdaptor.Distance(a[TensorIndex.Colon, TensorIndex.Colon, 0, 0], b[TensorIndex.Colon, TensorIndex.Colon, 0, 0]).item<float>().ShouldBe(0.4f, 1e-6f);
    }

    [Fact]
    public void The_epsilon_stands_inside_the_root()
    {
        using var scope = NewDisposeScope();
        // 0.001 / √(1e-6 + 1e-6) = √½ against nothing at all.
        KdAdaptor.Distance(tensor(new[] { 0.001f, 0 }).view(1, 2), zeros(1, 2)).item<float>().ShouldBe(0.5f, 1e-5f);
    }

    [Fact]
    public void Squares_are_summed_over_channels_and_averaged_over_batch_and_positions()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var (a, b) = (randn([2, 5, 3, 4], generator: generator), randn([2, 5, 3, 4], generator: generator));
        var (x, y) = (a.permute(0, 2, 3, 1).reshape(24, 5).data<float>().ToArray(), b.permute(0, 2, 3, 1).reshape(24, 5).data<float>().ToArray());
        var expected = x.Chunk(5).Zip(y.Chunk(5), (p, q) =>
        {
            var (left, right) = (Math.Sqrt(p.Sum(v => v * v)), Math.Sqrt(q.Sum(v => v * v)));
            return p.Zip(q, (l, r) => Math.Pow(l / left - r / right, 2)).Sum();
        }).Average();
        KdAdaptor.Distance(a, b).item<float>().ShouldBe((float)expected, 1e-5f);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(-1, 4)]
    public void The_term_is_zero_where_the_adaptor_maps_exactly(double identity, double expected)
    {
        using var scope = NewDisposeScope();
        // Student and teacher start from the same trunk; in train mode both take the batch's own statistics.
        using var teachers = Tiny.Teachers(trainMode: true);
        using var begun = new Begun(new KdAdaptorOptions { TeacherMode = TeacherMode.Train }, teachers);
        using (no_grad())
            foreach (var weight in begun.Run.Setups.Single().Parameters)
                weight.copy_(eye(4).view(4, 4, 1, 1) * identity);
        foreach (var term in begun.Terms())
            term.ShouldBe((float)expected, 1e-4f);
    }

    [Fact]
    public void Each_task_has_its_own_weight()
    {
        using var scope = NewDisposeScope();
        using var teachers = Tiny.Teachers(seed: 2);
        using var plain = new Begun(new KdAdaptorOptions(), teachers);
        using var weighted = new Begun(new KdAdaptorOptions { Lambda = 3, TaskFactors = [1, 2, 0] }, teachers);
        var terms = plain.Terms();
        terms.ShouldAllBe(term => term > 0.01f);
        terms.Distinct().Count().ShouldBe(3);
        weighted.Terms().ShouldBe([3 * terms[0], 6 * terms[1], 0], 1e-5f);
    }

    [Fact]
    public void Terms_of_several_layers_add_up()
    {
        using var scope = NewDisposeScope();
        using var teachers = Tiny.Teachers(seed: 2);
        using var begun = new Begun(new KdAdaptorOptions { Layers = ["first", "last"] }, teachers);
        var adaptors = begun.Run.Setups.Single().Parameters.ToList();
        adaptors.Select(weight => weight.shape[0]).ShouldBe([5, 5, 5, 4, 4, 4]);
        var terms = begun.Terms();
        foreach (var task in Enumerable.Range(0, 3))
        {
            var expected = Term("first", adaptors[task]) + Term("last", adaptors[3 + task]);
            terms[task].ShouldBe(expected, 1e-5f);

            float Term(string tap, Tensor weight) => KdAdaptor.Distance(
                nn.functional.conv2d(begun.Step.Pass.Features(tap, task), weight), begun.Step.Pass.TeacherFeatures(tap, task)).item<float>();
        }
    }

    [Theory]
    [InlineData(AdaptorKind.Linear, "50x50")]
    [InlineData(AdaptorKind.NonLinear, "100x50", "50x100")]
    public void Vectors_are_mapped_by_matrices_without_bias(AdaptorKind kind, params string[] shapes) =>
        AdaptorShapes(new LeNet(new LeNetOptions()), kind, "fc").ShouldBe(shapes);

    [Theory]
    [InlineData(AdaptorKind.Linear, "64x64x1x1")]
    [InlineData(AdaptorKind.NonLinear, "128x64x1x1", "64x128x1x1")]
    public void Maps_are_mapped_by_convolutions_without_bias(AdaptorKind kind, params string[] shapes) =>
        AdaptorShapes(new SegNet(new SegNetOptions()), kind, "decoder-5").ShouldBe(shapes);

    [Fact]
    public void The_published_layers_are_the_default()
    {
        using var scope = NewDisposeScope();
        var setup = new Setup(new SegNet(new SegNetOptions { Width = 0.125 }).Trunk([InputInfo.Image(3, 32, 32)]).Taps);
        new KdAdaptor(new KdAdaptorOptions()).Initialise(setup);
        setup.Shapes.ShouldBe(["64x64x1x1", "8x8x1x1"]);
    }

    [Fact]
    public void An_unknown_layer_is_refused_with_the_names_that_there_are()
    {
        using var scope = NewDisposeScope();
        var message = Should.Throw<ArgumentException>(() => new Begun(new KdAdaptorOptions { Layers = ["first", "encoder-9"] }, null)).Message;
        message.ShouldContain("no layer `encoder-9`");
        message.ShouldContain("first, last");
    }

    [Fact]
    public void Adaptors_follow_an_adam_of_their_own()
    {
        using var scope = NewDisposeScope();
        using var teachers = Tiny.Teachers(seed: 2);
        using var begun = new Begun(new KdAdaptorOptions { LearningRate = 0.25 }, teachers);
        var before = begun.Run.Setups.Single().Parameters.Select(weight => weight.detach().clone()).ToList();
        begun.Step.Backward();
        begun.Run.Setups.Single().Step();
        foreach (var (weight, first) in begun.Run.Setups.Single().Parameters.Zip(before))
            (weight - first).abs().max().item<float>().ShouldBe(0.25f, 1e-3f);
    }

    [Fact]
    public void A_trained_student_holds_what_a_student_without_adaptors_holds()
    {
        using var teachers = Tiny.Teachers();
        var spec = Tiny.Spec() with { Strategies = [Tiny.Strategy<KdAdaptor>(new KdAdaptorOptions())] };
        using var student = Tiny.Run(spec, teachers);
        using var plain = Tiny.Run();
        using (var trainer = new Trainer(student))
            trainer.Train(_ => { }, default);
        Shapes(student).ShouldBe(Shapes(plain));
        student.Network.Flat.Values.numel().ShouldBe(plain.Network.Flat.Values.numel());
        student.Setups.Single().Parameters.ShouldNotBeEmpty();
        student.Network.NamedTensors().Select(entry => entry.Values).Intersect(student.Setups.Single().Parameters).ShouldBeEmpty();

        static IEnumerable<string> Shapes(RunContext run) => run.Network.NamedTensors().Select(entry => $"{entry.Name} {string.Join('x', entry.Values.shape)}");
    }

    private static IReadOnlyList<string> AdaptorShapes(TrunkAndHeads model, AdaptorKind kind, string tap)
    {
        using var scope = NewDisposeScope();
        var setup = new Setup(model.Trunk([InputInfo.Image(3, 36, 36)]).Taps);
        new KdAdaptor(new KdAdaptorOptions { Layers = [tap], Adaptor = kind }).Initialise(setup);
        return setup.Shapes;
    }

    /// <summary>A step of a Tiny run with the strategy attached; the same batch for every instance.</summary>
    private sealed class Begun : IDisposable
    {
        private readonly EpochLog _log;

        public Begun(KdAdaptorOptions options, Teachers? teachers)
        {
            Run = Tiny.Run(Tiny.Spec() with { Strategies = [Tiny.Strategy<KdAdaptor>(options)] }, teachers);
            Run.Network.TrainMode(true);
            _log = new EpochLog(Run);
            Step = new TrainingStep(Run, _log);
            Step.Begin(0, 0, Run.Take(Run.Data.Train, Samples.Of([3, 1, 4, 8], CPU)));
        }

        public RunContext Run { get; }

        public TrainingStep Step { get; }

        public IReadOnlyList<Tensor> Objectives() => Run.Strategies[0].Objectives(new StrategyStep(Step, 0, Step.Pass, Step.Pass.Losses), Step.Pass.Losses);

        /// <summary>What the strategy adds to each task's loss.</summary>
        public float[] Terms() =>
            [.. Objectives().Zip(Step.Pass.Losses, (objective, loss) => (objective - loss).item<float>())];

        public void Dispose()
        {
            Step.Dispose();
            _log.Dispose();
            Run.Data.Dispose();
            Run.Dispose();
        }
    }

    /// <summary>Notes the shapes of what one task's adaptors would train.</summary>
    private sealed class Setup(IReadOnlyList<FeatureTap> taps) : ITrainingSetup
    {
        public List<string> Shapes { get; } = [];

        public IReadOnlyList<TaskInfo> Tasks { get; } = [new("task", TaskKind.Regression, 1)];

        public Device Device => CPU;

        public ScalarType Dtype => ScalarType.Float32;

        public IReadOnlyList<FeatureTap> Taps => taps;

        public long SharedParameterCount => 1;

        public long SharedGradientLength => 1;

        public double LearningRate => 1;

        public int Epochs => 1;

        public long Steps => 1;

        public Random Random { get; } = new(1);

        public void AddModule(nn.Module module, double learningRate, double weightDecay = 0)
        {
            learningRate.ShouldBe(0.1);
            weightDecay.ShouldBe(5e-4);
            Shapes.AddRange(module.parameters().Select(parameter => string.Join('x', parameter.shape)));
        }

        public TorchSharp.Modules.Parameter AddParameter(Tensor initial, double learningRate, double weightDecay = 0) => throw new NotSupportedException();

        public TorchSharp.Modules.Parameter AddTaskParameter(Tensor initial, double learningRate, double weightDecay = 0) => throw new NotSupportedException();

        public Tensor AddTaskBuffer(string name, Tensor initial, bool pairs = false) => throw new NotSupportedException();

        public Tensor AddBuffer(string name, Tensor initial) => throw new NotSupportedException();
    }
}
