using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Training;
using KdMtlBench.Tests.Networks;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Training.Strategies;

/// <summary>What methods of the field need of a step beyond losses and rows (docs/decisions/0002), each tried by the core of one.</summary>
public sealed class StepHookTests : TensorTest
{
    /// <summary>Of Lᵢ = ½ cᵢ ‖θ + hᵢ − aᵢ‖² + bᵢ the gradient at θ + δ is cᵢ (θ + δ + hᵢ − aᵢ).</summary>
    [Fact]
    public void Gradients_can_be_taken_beside_the_parameters_which_stay_as_they_are_to_the_bit()
    {
        using var run = Quadratics.Run(3, Tiny.Component("sharpness-aware", typeof(SharpnessAware)));
        using var trainer = new Trainer(run);
        SharpnessAware.Seen.Clear();
        trainer.Train(_ => { }, default);
        SharpnessAware.Seen.Count.ShouldBe(3 * Quadratics.StepsPerEpoch);
        foreach (var (theta, heads, rows, stayed) in SharpnessAware.Seen)
        {
            stayed.ShouldBeTrue();
            for (var task = 0; task < 3; task++)
                for (var i = 0; i < 3; i++)
                    rows[task][i].ShouldBe(Quadratics.Curvatures[task] * (theta[i] + SharpnessAware.Offset + heads[task][i] - Quadratics.Minima[task][i]), 1e-12);
        }

        trainer.Curve[^1].TrainLosses["task-0"].ShouldBeLessThan(trainer.Curve[0].TrainLosses["task-0"]);
    }

    [Theory, InlineData(Precision.Fp32), InlineData(Precision.Bf16)]
    public void They_leave_a_step_of_a_network_with_batch_norm_as_it_would_have_been(Precision precision)
    {
        var training = Tiny.Training with { Precision = precision };
        Train(Tiny.Spec(strategy: typeof(Looking), training: training)).ShouldBe(Train(Tiny.Spec(strategy: typeof(Plain), training: training)));

        static string Train(RunSpec spec)
        {
            using var run = Tiny.Run(spec);
            using var trainer = new Trainer(run);
            trainer.Train(_ => { }, default);
            run.Data.Dispose();
            return string.Join('\n', trainer.Curve.Select(epoch => string.Join(' ', epoch.TrainLosses.Concat(epoch.Validation).Select(value => $"{value.Value:r}"))));
        }
    }

    [Fact]
    public void A_method_that_looks_at_one_task_a_step_makes_one_backward_pass()
    {
        using var run = Tiny.Run(Tiny.Spec(strategy: typeof(OneAtATime)));
        using var trainer = new Trainer(run);
        run.Network.TrainMode(true);
        trainer.StartEpoch(0);
        for (var step = 0; step < 3; step++)
        {
            var before = Enumerable.Range(0, 3).Select(task => run.Network.TaskPart(run.Network.Flat.Values, task).clone()).ToList();
            trainer.TrainStep(0, step, run.BatchOf(run.Order(0), step));
            for (var task = 0; task < 3; task++)
                run.Network.TaskGradients[task].abs().sum().item<float>().ShouldBe(task == step ? run.Network.TaskGradients[task].abs().sum().item<float>() : 0);
            run.Network.TaskGradients[step].abs().sum().item<float>().ShouldBeGreaterThan(0);
            run.Network.TaskPart(run.Network.Flat.Values, step).eq(before[step]).all().item<bool>().ShouldBeFalse();
        }

        using var whole = Tiny.Run(Tiny.Spec(strategy: typeof(OneAtATime)));
        using var again = new Trainer(whole);
        again.Train(_ => { }, default).Cost.BackwardPasses.ShouldBe(1);
        whole.Data.Dispose();
        run.Data.Dispose();
    }

    [Fact]
    public void Single_rows_and_all_of_them_in_one_step_are_refused()
    {
        using var run = Tiny.Run(Tiny.Spec(strategy: typeof(Both)));
        using var trainer = new Trainer(run);
        Should.Throw<InvalidOperationException>(() => trainer.Train(_ => { }, default)).Message.ShouldContain("takes both single rows and all of them");
        run.Data.Dispose();
    }

    [Fact]
    public void Losses_of_parts_of_a_batch_add_up_to_the_whole()
    {
        Parts.Differences.Clear();
        var training = new TrainingOptions { Epochs = 1, BatchSize = 10, LearningRate = 0.01, Precision = Precision.Fp64 };
        var spec = new RunSpec(
            Tiny.Component("graphs", typeof(Graphs)), Tiny.Component("message-passing", typeof(MessagePassing)), training, new Dictionary<string, string>(), [Tiny.Component("parts", typeof(Parts))], null, 1);
        using var run = Tiny.Run(spec);
        using var trainer = new Trainer(run);
        trainer.Train(_ => { }, default);
        Parts.Differences.Count.ShouldBe(6 * 2);
        Parts.Differences.ShouldAllBe(difference => difference < 1e-12);
        run.Data.Dispose();
    }

    /// <summary>LDC-MTL's core (arXiv 2502.08585): a router on the features that is learnt with the network it weighs the losses of.</summary>
    [Theory, InlineData(typeof(MessagePassing), typeof(Graphs)), InlineData(typeof(Cgc), typeof(Table))]
    public void A_router_on_the_tasks_representations_is_learnt(Type model, Type benchmark)
    {
        var spec = new RunSpec(Tiny.Component("data", benchmark), Tiny.Component("net", model), new TrainingOptions { Epochs = 3, BatchSize = 16, LearningRate = 0.01 },
            new Dictionary<string, string>(), [Tiny.Component("router", typeof(Router))], null, 1);
        using var run = Tiny.Run(spec);
        var before = run.Setups.Single().Parameters.Select(parameter => parameter.clone()).ToList();
        using var trainer = new Trainer(run);
        trainer.Train(_ => { }, default);
        run.Setups.Single().Parameters.Zip(before).ShouldAllBe(pair => !pair.First.eq(pair.Second).all().item<bool>());
        trainer.Curve[^1].Weights.Values.Sum().ShouldBe(1, 1e-5);
        run.Data.Dispose();
    }

    public sealed class SharpnessAware : GradientStrategy
    {
        public const double Offset = 0.25;

        public static List<(double[] Theta, double[][] Heads, double[][] Rows, bool Stayed)> Seen { get; } = [];

        private ITrainingSetup? _setup;

        public override void Initialise(ITrainingSetup setup) => _setup = setup;

        public override void Combine(ITrainingStep step, TaskGradients gradients)
        {
            var here = step.GradientsOf(gradients.Objectives).clone();
            var there = step.GradientsAt(full_like(here[0], Offset)).clone();
            var again = step.GradientsOf(gradients.Objectives);
            // θ + hᵢ = gᵢ / cᵢ + aᵢ; the heads start at 0 and are told apart by what θ is for task 0.
            double[][] own = [.. Enumerable.Range(0, 3).Select(task => here[task].data<double>().ToArray())];
            double[] theta = [0, 0, 0];
            double[][] heads = [.. own.Select((gradient, task) => gradient[..3].Select((g, i) => g / Quadratics.Curvatures[task] + Quadratics.Minima[task][i]).ToArray())];
            Seen.Add((theta, heads, [.. Enumerable.Range(0, 3).Select(task => there[task].data<double>().ToArray()[..3])], here.eq(again).all().item<bool>()));
            gradients.ApplyWeights(ones(3, dtype: _setup!.Dtype));
        }
    }

    public sealed class Plain : ObjectiveStrategy
    {
        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => losses;
    }

    public sealed class Looking : ObjectiveStrategy
    {
        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
        {
            if (!step.IsReevaluation)
                step.GradientsAt(0.1 * ones_like(step.GradientsOf([losses[0]])[0]));
            return losses;
        }
    }

    /// <summary>As M-ConFIG (Liu, Chu &amp; Thuerey, ICLR 2025) goes through the tasks.</summary>
    public sealed class OneAtATime : GradientStrategy
    {
        public override void Combine(ITrainingStep step, TaskGradients gradients)
        {
            var task = (int)(step.Index % gradients.Objectives.Count);
            gradients.ApplyDirection(gradients.Row(task), nn.functional.one_hot(tensor((long)task), gradients.Objectives.Count).to(ScalarType.Float32));
        }
    }

    public sealed class Both : GradientStrategy
    {
        public override void Combine(ITrainingStep step, TaskGradients gradients) => gradients.ApplyDirection(gradients.Row(1), gradients.Rows.select(1, 0));
    }

    public sealed class Parts : ObjectiveStrategy
    {
        public static List<double> Differences { get; } = [];

        public override StrategyRequirements Requirements => StrategyRequirements.OriginalLosses;

        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
        {
            var parts = step.PartialLosses(3); // of 3, 3 and 4 samples
            for (var task = 0; task < losses.Count; task++)
                Differences.Add(Math.Abs(((3 * parts[0][task] + 3 * parts[1][task] + 4 * parts[2][task]) / 10 - losses[task]).item<double>()));
            return losses;
        }
    }

    public sealed class Router : ObjectiveStrategy
    {
        private nn.Module<Tensor, Tensor>? _layer;

        public override StrategyRequirements Requirements => StrategyRequirements.TaskRepresentation;

        public override void Initialise(ITrainingSetup setup)
        {
            _layer = nn.Linear(setup.Taps[^1].Shape[0], setup.Tasks.Count);
            setup.AddModule((nn.Module)_layer, 0.01);
        }

        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
        {
            var weights = _layer!.call(step.Representation(0).mean([0])).softmax(0);
            step.RecordWeights(weights.detach());
            return [.. losses.Select((loss, task) => weights[task] * loss)];
        }
    }
}
