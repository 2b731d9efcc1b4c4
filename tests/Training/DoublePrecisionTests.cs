using KdMtlBench.Host.Runs;
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
