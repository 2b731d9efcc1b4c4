using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Strategies;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Training.Strategies;

/// <summary>What a sweep has the host do beside any strategy, on losses whose gradients are known.</summary>
public class HostOptionsTests : TensorTest
{
    private static readonly double[][] _gradients =
        [.. Quadratics.Minima.Select((minimum, i) => minimum.Select(value => -Quadratics.Curvatures[i] * value).ToArray())]; // at 0

    [Fact]
    public void The_direction_is_multiplied_by_the_number_of_tasks_and_heads_are_not()
    {
        var (shared, heads) = Gradients(new HostOptions { TimesTasks = true }, new Fixed());
        shared.ShouldBe([.. Gramians.Combine(_gradients, Fixed.Applied).Select(value => 3 * value)], 1e-12);
        heads.ShouldBe([.. _gradients.SelectMany(row => row)], 1e-12);
    }

    [Fact]
    public void Heads_are_multiplied_by_the_weights_that_were_applied()
    {
        var (shared, heads) = Gradients(new HostOptions { WeightedHeads = true }, new Fixed());
        shared.ShouldBe(Gramians.Combine(_gradients, Fixed.Applied), 1e-12);
        heads.ShouldBe([.. _gradients.SelectMany((row, i) => row.Select(value => Fixed.Applied[i] * value))], 1e-12);
    }

    [Fact]
    public void A_direction_has_no_weights_for_heads() =>
        Should.Throw<InvalidOperationException>(() => Gradients(new HostOptions { WeightedHeads = true }, new Direction())).Message.ShouldContain("weighted-heads");

    [Theory]
    [InlineData(ClippedPart.Shared)]
    [InlineData(ClippedPart.All)]
    public void A_long_gradient_is_clipped_as_in_pytorch(ClippedPart part)
    {
        var (plainShared, plainHeads) = Gradients(new HostOptions(), new Fixed());
        var (shared, heads) = Gradients(new HostOptions { ClipNorm = 0.5, Clip = part }, new Fixed());
        var norm = Gramians.Norm(part == ClippedPart.Shared ? plainShared : [.. plainShared, .. plainHeads]);
        norm.ShouldBeGreaterThan(0.5);
        var factor = 0.5 / (norm + 1e-6);
        shared.ShouldBe([.. plainShared.Select(value => factor * value)], 1e-12);
        heads.ShouldBe([.. plainHeads.Select(value => part == ClippedPart.All ? factor * value : value)], 1e-12);
    }

    [Fact]
    public void A_short_gradient_is_left_alone()
    {
        var (plain, _) = Gradients(new HostOptions(), new Fixed());
        Gradients(new HostOptions { ClipNorm = 1e3, Clip = ClippedPart.All }, new Fixed()).Shared.ShouldBe(plain);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Learnt_weights_follow_the_schedule_where_the_sweep_says_so(bool follow)
    {
        var component = Tiny.Component("imtl-l", typeof(ImtlL), new ImtlLOptions { LearningRate = 0.1 }) with { HostOptions = new HostOptions { FollowSchedule = follow } };
        using var run = Quadratics.Run(2, component);
        using var halved = new RunContext(
            run.Spec with { Training = run.Spec.Training with { Schedule = Schedule.Step, Decay = 0.5, DecayEpochs = 1 } }, new Quadratics.Benchmark(), run.Data, CPU);
        halved.InitialiseStrategies();
        using var trainer = new Trainer(halved);
        var optimizer = halved.Setups.Single().Optimizers.Single();
        double[] rates = [.. Enumerable.Range(0, 2).Select(epoch =>
        {
            trainer.StartEpoch(epoch);
            return optimizer.ParamGroups.Single().LearningRate;
        })];
        rates.ShouldBe(follow ? [0.1, 0.05] : [0.1, 0.1], 1e-12);
    }

    private static (double[] Shared, double[] Heads) Gradients(HostOptions options, GradientStrategy strategy)
    {
        using var run = Quadratics.Run(1, Tiny.Component("fixed", strategy.GetType()) with { HostOptions = options });
        using var log = new EpochLog(run);
        using var step = new TrainingStep(run, log);
        step.Begin(0, 0, run.Take(run.Data.Train, Samples.Of([0], CPU)));
        step.Backward();
        return (Values(run.SharedParameters), Values(run.Network.TaskParameters));

        static double[] Values(IEnumerable<Tensor> parameters) => [.. parameters.SelectMany(parameter => parameter.grad!.data<double>().ToArray())];
    }

    public sealed class Fixed : GradientStrategy
    {
        public static readonly double[] Applied = [0.5, 2, -1];

        public override void Combine(ITrainingStep step, TaskGradients gradients) => gradients.ApplyWeights(Applied);
    }

    public sealed class Direction : GradientStrategy
    {
        public override void Combine(ITrainingStep step, TaskGradients gradients) => gradients.ApplyDirection(gradients.Rows.sum([0]), ones(3));
    }
}
