using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Strategies;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Training;

/// <summary>What the contract promises an author, each promise broken at some time.</summary>
public class ContractPromisesTests : TensorTest
{
    [Fact]
    public void Every_member_of_a_derived_class_is_called_whatever_its_base()
    {
        Overrider.Calls.Clear();
        using var run = Quadratics.Run(2, Tiny.Component("overrider", typeof(Overrider)));
        using var trainer = new Trainer(run);
        trainer.Train(_ => { }, default);
        Overrider.Calls.Distinct().ShouldBe(["Initialise", "StartEpoch", "Objectives", "AfterStep"]);
        Overrider.Calls.Count(call => call == "StartEpoch").ShouldBe(2);
    }

    [Fact]
    public void Weights_on_a_graph_are_held_fixed()
    {
        using var run = Quadratics.Run(1, Tiny.Component("learner", typeof(Learner)));
        using var trainer = new Trainer(run);
        trainer.Train(_ => { }, default);
        run.Setups.Single().Parameters.Single().data<double>().ToArray().ShouldBe([1, 2, 3]);
    }

    [Theory]
    [InlineData(typeof(WrongCount), "returns 2 objectives for 3 tasks")]
    [InlineData(typeof(Detached), "returns an objective of task `task-0` that is detached from the network")]
    [InlineData(typeof(Idle), "applies neither weights nor a direction")]
    [InlineData(typeof(Twice), "applies a direction twice in one step")]
    public void A_slip_ends_the_run_with_a_sentence_and_not_the_process(Type strategy, string sentence)
    {
        using var run = Quadratics.Run(1, Tiny.Component("slip", strategy));
        using var trainer = new Trainer(run);
        Should.Throw<InvalidOperationException>(() => trainer.Train(_ => { }, default)).Message.ShouldBe($"`slip` {sentence}");
    }

    [Fact]
    public void A_strategy_is_made_once_a_run_and_once_more_to_be_asked_what_it_requires()
    {
        Counted.Made = 0;
        var component = Tiny.Component("counted", typeof(Counted));
        var spec = Tiny.Spec() with { Strategies = [component] };
        for (var seed = 1; seed <= 3; seed++)
        {
            var one = spec with { Seed = seed };
            _ = (one.Requirements, one.Id, one.Sha256, one.Requirements, Teachers.NeededBy(one));
            using var run = Tiny.Run(one);
        }

        Counted.Made.ShouldBe(1 + 3);
    }

    [Fact]
    public void A_copy_of_a_run_has_an_identity_of_its_own()
    {
        var first = Tiny.Spec(seed: 1);
        var id = first.Id;
        (first with { Seed = 2 }).Id.ShouldNotBe(id);
        first.Id.ShouldBe(id);
        ReferenceEquals(first.Settings, first.Settings).ShouldBeTrue();
    }

    [Fact]
    public void Modo_records_the_weights_of_the_step_that_applied_them()
    {
        using var run = Quadratics.Run(1, Tiny.Component("modo", typeof(MoDo), new MoDoOptions { StepSize = 0.1 }));
        using var log = new EpochLog(run);
        using var step = new TrainingStep(run, log);
        log.StartEpoch();
        for (var i = 0; i < Quadratics.StepsPerEpoch; i++)
        {
            step.Begin(i, 0, run.Take(run.Data.Train, Samples.Of([0], CPU)));
            step.Backward();
            if (i == 0)
                step.AfterStep();
        }

        // The first step has even weights; were the second step's recorded for both, their mean would be those.
        var next = run.Setups.Single().State().Single().Values.data<double>().ToArray();
        log.Read(0).Weights[0].ShouldBe([.. next.Select(weight => (1.0 / 3 + weight) / 2)], 1e-12);
        Math.Abs(next[0] - 1.0 / 3).ShouldBeGreaterThan(1e-3);
    }

    [Theory]
    [InlineData("static", 0.1)]
    [InlineData("moco", 1.0 / 3)]
    [InlineData("auto-lambda", 0.1)]
    [InlineData("uncertainty", -0.3)]
    public void In_float64_no_value_is_rounded_to_float32(string id, double value)
    {
        var component = id switch
        {
            "static" => Tiny.Component(id, typeof(Static), new StaticOptions { Weights = [0.1, 0.1, 0.1] }),
            "moco" => Tiny.Component(id, typeof(MoCo), new MoCoOptions()),
            "auto-lambda" => Tiny.Component(id, typeof(AutoLambda), new AutoLambdaOptions()),
            _ => Tiny.Component(id, typeof(Uncertainty), new UncertaintyOptions { Initial = -0.3 }),
        };
        using var run = Quadratics.Run(1, component);
        run.Setups.Single().State().SelectMany(state => state.Values.data<double>().ToArray()).ShouldContain(value);
    }

    [Fact]
    public void Graddrop_drops_something_where_tasks_have_images_of_their_own()
    {
        using var begun = new Begun(ownImages: true, null, Tiny.Component("graddrop", typeof(GradDrop), new GradDropOptions()));
        begun.Step.Backward();
        using var uniform = new Begun(ownImages: true);
        uniform.Step.Backward();
        (begun.Run.Network.Flat.SharedGradient - uniform.Run.Network.Flat.SharedGradient).norm().item<float>().ShouldBeGreaterThan(1e-4f);
    }

    public sealed class Overrider : GramianStrategy
    {
        public static List<string> Calls { get; } = [];

        public override void Initialise(ITrainingSetup setup) => Calls.Add(nameof(Initialise));

        public override void StartEpoch(EpochHistory history) => Calls.Add(nameof(StartEpoch));

        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
        {
            Calls.Add(nameof(Objectives));
            return losses;
        }

        public override void AfterStep(ITrainingStep step) => Calls.Add(nameof(AfterStep));

        protected override double[] Weights(double[,] gramian, ITrainingStep step) => [1, 1, 1];
    }

    public sealed class Learner : LossWeighting
    {
        private TorchSharp.Modules.Parameter? _weights;

        public override void Initialise(ITrainingSetup setup) => _weights = setup.AddParameter(tensor([1.0, 2, 3]), 0.1);

        protected override Tensor Weights(ITrainingStep step, Tensor losses) => _weights!;
    }

    public sealed class WrongCount : ObjectiveStrategy
    {
        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => [losses[0], losses[1]];
    }

    public sealed class Detached : ObjectiveStrategy
    {
        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => [.. losses.Select(loss => loss.detach())];
    }

    public sealed class Idle : GradientStrategy
    {
        public override void Combine(ITrainingStep step, TaskGradients gradients) => _ = gradients.Gramian();
    }

    public sealed class Twice : GradientStrategy
    {
        public override void Combine(ITrainingStep step, TaskGradients gradients)
        {
            gradients.ApplyWeights([1, 1, 1]);
            gradients.ApplyWeights([1, 1, 1]);
        }
    }

    public sealed class Counted : LossWeighting
    {
        public Counted() => Made++;

        public static int Made { get; set; }

        protected override Tensor Weights(ITrainingStep step, Tensor losses) => ones_like(losses);
    }
}
