using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Host.Training.Strategies;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Training;

public class DoublePrecisionTests : TensorTest
{
    private static readonly TrainingOptions s_double = Tiny.Training with { Precision = Precision.Fp64 };

    /// <summary>Only in float64 is the bound narrow enough to find a term that is slightly wrong.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_row_is_the_loss_s_derivative(int task)
    {
        const double step = 1e-6;
        using var begun = new Begun(training: s_double);
        var flat = begun.Run.Network.Flat;
        var row = begun.Gradients(GradientPoint.SharedParameters).Rows[task].clone();
        var direction = flat.SharedGradient.new_zeros(flat.Values.numel());
        direction.narrow(0, 0, flat.SharedLength).copy_(randn(flat.SharedLength, dtype: ScalarType.Float64, generator: new Generator(7)));
        var difference = (LossAt(step) - LossAt(-step)) / (2 * step);
        difference.ShouldBe(row.dot(direction.narrow(0, 0, flat.SharedLength)).item<double>(), 1e-8 * Math.Max(1, Math.Abs(difference)));

        double LossAt(double distance)
        {
            using var noGradient = no_grad();
            flat.Values.add_(direction, distance);
            begun.Step.Begin(0, 0, begun.Run.Take(begun.Run.Data.Train, Samples.Of([3, 1, 4, 8], CPU)));
            flat.Values.add_(direction, -distance);
            return begun.Losses[task].item<double>();
        }
    }

    [Theory]
    [InlineData(GradientPoint.SharedParameters)]
    [InlineData(GradientPoint.Representation)]
    public void Rows_are_those_of_float32_but_for_rounding(GradientPoint at)
    {
        using var both = new BegunPair(s_double);
        var (rows, single) = both.Rows(at);
        rows.dtype.ShouldBe(ScalarType.Float64);
        Alike(rows, single);
    }

    [Theory]
    [InlineData(GradientPoint.SharedParameters)]
    [InlineData(GradientPoint.Representation)]
    public void Applied_weights_give_the_gradient_of_float32_but_for_rounding(GradientPoint at)
    {
        using var both = new BegunPair(s_double);
        var (gradient, single) = both.Applied(at);
        Alike(gradient, single);
    }

    [Fact]
    public void Modules_are_float64_and_parameters_and_buffers_have_the_type_they_were_given()
    {
        using var run = Tiny.Run(Tiny.Spec(strategy: typeof(Keeper), training: s_double));
        run.Setups.Single().State().Select(state => state.Values.dtype)
            .ShouldBe([ScalarType.Float64, ScalarType.Float64, ScalarType.Float64, ScalarType.Float64, ScalarType.Int64]);
    }

    /// <summary>A share of the run that float32 does not hold: 1/12.</summary>
    [Fact]
    public void Born_again_targets_are_mixed_in_float64()
    {
        using var scope = NewDisposeScope();
        using var teachers = new Teachers(
            [.. new TinyBenchmark().Tasks.Select(task => Network.Create(new TinyModel(), [InputInfo.Image(3, 8, 8)], [task.Info], seed: 2, CPU, Precision.Fp64))],
            trainMode: false,
            trainSeconds: 0);
        using var run = Tiny.Run(Tiny.Spec(training: s_double) with { Strategies = [Tiny.Strategy<Bam>(new BamOptions())] }, teachers);
        run.Network.TrainMode(true);
        using var log = new EpochLog(run);
        using var step = new TrainingStep(run, log);
        step.Begin(1, 0, run.Take(run.Data.Train, Samples.Of([3, 1, 4, 8], CPU)));
        var (pass, share) = (step.Pass, 1.0 / 12);

        var objectives = run.Strategies[0].Objectives(new StrategyStep(step, 0, pass, pass.Losses), pass.Losses);

        var soft = pass.SoftLoss(0, pass.TeacherPrediction(0).softmax(1)).item<double>();
        objectives[0].item<double>().ShouldBe(share * pass.Losses[0].item<double>() + (1 - share) * soft, 1e-14);
        var (predicted, taught) = (Values(pass.Prediction(1)), Values(pass.TeacherPrediction(1)));
        var distances = Values(pass.Batch.Targets[1]).Select((truth, i) => truth == 0 ? double.NaN : Math.Abs(predicted[i] - share * truth - (1 - share) * taught[i]));
        objectives[1].item<double>().ShouldBe(distances.Where(double.IsFinite).Average(), 1e-14);

        static double[] Values(Tensor map) => map.to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    [Fact]
    public void The_loss_of_a_guess_is_kept_in_float64()
    {
        using var begun = new Begun(training: s_double, strategies: Tiny.Strategy<GradNorm>(new GradNormOptions { InitialLoss = InitialLoss.LogK }));
        begun.Run.Strategies[0].Objectives(begun.View, begun.Losses);
        var kept = begun.Run.Setups.Single().State().Single(state => state.Name.Contains("initial-losses")).Values;
        kept.data<double>().ToArray().ShouldBe([Math.Log(3), begun.Losses[1].item<double>(), begun.Losses[2].item<double>()]);
    }

    private static void Alike(Tensor values, Tensor single) =>
        ((values - single).abs().max() / single.abs().max()).item<double>().ShouldBeLessThan(1e-4);

    /// <summary>Has a layer, a parameter, and state of two types.</summary>
    public sealed class Keeper : LossWeighting
    {
        public override void Initialise(ITrainingSetup setup)
        {
            setup.AddModule(nn.Linear(2, 3), 0.1);
            setup.AddParameter(zeros(2, dtype: setup.Dtype), 0.1);
            setup.AddBuffer("values", zeros(2, dtype: setup.Dtype));
            setup.AddBuffer("count", zeros(1, dtype: ScalarType.Int64));
        }

        protected override Tensor Weights(ITrainingStep step, Tensor losses) => ones_like(losses);
    }
}
