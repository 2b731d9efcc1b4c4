using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Strategies;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Training.Strategies;

/// <summary>Gradients that are differentiated once more, by the core of the methods that do so (docs/decisions/0002).</summary>
public sealed class DifferentiableGradientTests : TensorTest
{
    /// <summary>Of Lᵢ = ½ cᵢ ‖θ + hᵢ − aᵢ‖² + ½ μ ‖∇Lᵢ‖² the gradient is (1 + μ cᵢ) cᵢ (θ + hᵢ − aᵢ), at θ as at hᵢ.</summary>
    [Fact]
    public void A_penalty_on_gradients_as_ConsMTL_has_it_moves_trunk_and_heads()
    {
        using var run = Quadratics.Run(1, Tiny.Component("penalised", typeof(Penalised)));
        using var step = Step(run);
        for (var i = 0; i < 3; i++)
            run.Network.Flat.SharedGradient[i].item<double>().ShouldBe(Enumerable.Range(0, 3).Sum(task => Expected(task, i)), 1e-12);
        foreach (var (task, head) in run.Network.TaskParameters.Index())
            head.grad!.data<double>().ToArray().ShouldBe([.. Enumerable.Range(0, 3).Select(i => Expected(task, i))], 1e-12);

        static double Expected(int task, int i) => -(1 + Penalised.Mu * Quadratics.Curvatures[task]) * Quadratics.Curvatures[task] * Quadratics.Minima[task][i];
    }

    /// <summary>The Hessian of Lᵢ at θ is cᵢ I.</summary>
    [Fact]
    public void A_product_of_Hessian_and_vector_as_MOML_needs_it_is_the_gradient_of_a_product()
    {
        using var run = Quadratics.Run(1, Tiny.Component("curvature", typeof(Curvature)));
        using var step = Step(run);
        for (var task = 0; task < 3; task++)
            Curvature.Product[task].ShouldBe([.. Curvature.Vector.Select(v => Quadratics.Curvatures[task] * v)], 1e-12);
    }

    [Theory, InlineData(Precision.Fp32), InlineData(Precision.Bf16)]
    public void They_are_the_gradients_of_convolutions_too(Precision precision)
    {
        using var run = Tiny.Run(Tiny.Spec(strategy: typeof(Compared), training: Tiny.Training with { Precision = precision }));
        using var trainer = new Trainer(run);
        Compared.Largest = -1;
        trainer.Train(_ => { }, default);
        Compared.Largest.ShouldBeInRange(0, 1e-6);
        run.Data.Dispose();
    }

    [Fact]
    public void In_parts_of_a_batch_they_are_refused()
    {
        using var run = Tiny.Run(Tiny.Spec(strategy: typeof(Compared), training: Tiny.Training with { Accumulate = 2 }));
        using var trainer = new Trainer(run);
        Should.Throw<InvalidOperationException>(() => trainer.Train(_ => { }, default)).Message.ShouldContain("leave `accumulate` out");
        run.Data.Dispose();
    }

    private static TrainingStep Step(RunContext run)
    {
        var step = new TrainingStep(run, new EpochLog(run));
        step.Begin(0, 0, run.Take(run.Data.Train, Samples.Of([0], CPU)));
        step.Backward();
        return step;
    }

    public sealed class Penalised : ObjectiveStrategy
    {
        public const double Mu = 0.7;

        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
        {
            var gradients = step.DifferentiableGradientsOf(losses);
            return [.. losses.Select((loss, task) => loss + (0.5 * Mu * gradients[task].square().sum()))];
        }
    }

    public sealed class Curvature : ObjectiveStrategy
    {
        public static readonly double[] Vector = [1, -2, 3];

        public static double[][] Product { get; private set; } = [];

        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
        {
            var gradients = step.DifferentiableGradientsOf(losses);
            var rows = step.GradientsOf([.. losses.Select((_, task) => (gradients[task][TensorIndex.Slice(0, 3)] * tensor(Vector)).sum())]);
            Product = [.. losses.Select((_, task) => rows[task].data<double>().ToArray()[..3])];
            return losses;
        }
    }

    public sealed class Compared : ObjectiveStrategy
    {
        public static double Largest { get; set; }

        public override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
        {
            var plain = step.GradientsOf(losses).clone();
            var differentiable = step.DifferentiableGradientsOf(losses);
            Largest = Math.Max(Largest, ((plain - differentiable).abs().max() / plain.abs().max()).item<float>());
            return losses;
        }
    }
}
