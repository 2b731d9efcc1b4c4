using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Runs;

public sealed class TrainingOptionsTests : TensorTest
{
    /// <summary>As torch.optim.lr_scheduler.ReduceLROnPlateau counts, with threshold 0: the rate falls at the epoch after the third without a new least error.</summary>
    [Fact]
    public void A_plateau_lowers_the_rate_after_more_than_patience_epochs_without_a_new_least_error()
    {
        var options = Tiny.Training with { LearningRate = 8, Schedule = Schedule.Plateau, Patience = 2, Decay = 0.5 };
        double[] errors = [1, 0.9, 0.95, 0.9, 0.91, 0.8, 0.8, 0.85, double.PositiveInfinity, 0.9, 0.9, 0.9, 0.7];
        Enumerable.Range(0, errors.Length + 1).Select(epoch => options.LearningRateAt(epoch, errors))
            .ShouldBe([8, 8, 8, 8, 8, 4, 4, 4, 4, 2, 2, 2, 1, 1]);
    }

    [Fact]
    public void A_run_follows_its_own_plateaus()
    {
        var (constant, falling) = (Train(Tiny.Training with { Epochs = 8 }), Train(Tiny.Training with { Epochs = 8, Schedule = Schedule.Plateau, Patience = 0, Decay = 0 }));
        var errors = falling.Select(epoch => ValidationError.Of(ValidationError.MetricsOf(new TinyBenchmark().Tasks), epoch.Validation)).ToList();
        var first = errors.FindIndex(1, error => error >= errors[..errors.IndexOf(error)].Min());
        first.ShouldBeInRange(1, 6);
        falling.Take(first + 1).Select(Losses).ShouldBe(constant.Take(first + 1).Select(Losses));
        Losses(falling[first + 1]).ShouldNotBe(Losses(constant[first + 1]));
        Losses(falling[^1]).ShouldNotBe(Losses(constant[^1]));
    }

    [Fact]
    public void The_average_follows_the_network_by_the_rule_and_steps_aside_bit_for_bit()
    {
        using var run = Tiny.Run();
        using var trainer = new Trainer(run);
        using var average = new WeightAverage(run.Network, 0.6);
        var expected = Values(run);
        run.Network.TrainMode(true);
        trainer.StartEpoch(0);
        for (var step = 0; step < run.StepsPerEpoch; step++)
        {
            trainer.TrainStep(0, step, run.BatchOf(run.Order(0), step));
            average.Update(step);
            var keep = Math.Min(0.6, (1.0 + step) / (10 + step));
            expected = [.. expected.Zip(Values(run), (mean, value) => keep * mean + (1 - keep) * value)];
        }

        var own = Values(run);
        using (average.InNetwork())
            Values(run).Zip(expected).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) < 1e-6);
        Values(run).ShouldBe(own);
        run.Data.Dispose();

        static double[] Values(RunContext run) =>
            [.. run.Network.StateTensors.Where(tensor => tensor.is_floating_point()).SelectMany(tensor => tensor.to(ScalarType.Float64).flatten().data<double>().ToArray())];
    }

    [Fact]
    public void An_average_changes_what_is_scored_and_not_what_is_trained()
    {
        var (plain, averaged) = (Train(Tiny.Training), Train(Tiny.Training with { WeightAverage = 0.9 }));
        averaged.Select(Losses).ShouldBe(plain.Select(Losses));
        averaged[0].Validation.Values.ShouldNotBe(plain[0].Validation.Values);
    }

    [Theory]
    [InlineData(Initialisation.XavierNormal)]
    [InlineData(Initialisation.XavierUniform)]
    [InlineData(Initialisation.KaimingNormal)]
    [InlineData(Initialisation.KaimingUniform)]
    public void Weights_are_drawn_with_the_rules_variance_and_a_trunk_does_not_depend_on_the_heads(Initialisation rule)
    {
        var (convolution, norm, dense) = (nn.Conv2d(40, 60, 3), nn.BatchNorm2d(60), nn.Linear(300, 200));
        using var network = nn.Sequential(convolution, norm, dense);
        using var scope = NewDisposeScope();
        manual_seed(1);
        InitialWeights.Draw(network, rule);
        var xavier = rule is Initialisation.XavierNormal or Initialisation.XavierUniform;
        foreach (var (weight, bias, inputs, outputs) in new[] { (convolution.weight, convolution.bias!, 40 * 9, 60 * 9), (dense.weight, dense.bias!, 300, 200) })
        {
            Math.Sqrt(weight.square().mean().item<float>() * (xavier ? (inputs + outputs) / 2.0 : inputs / 2.0)).ShouldBe(1, 0.03);
            bias.abs().max().item<float>().ShouldBe(0);
        }

        norm.weight!.eq(1).all().item<bool>().ShouldBeTrue();
        var training = Tiny.Training with { Initialisation = rule };
        using var many = Tiny.Run(Tiny.Spec(training: training));
        using var one = Tiny.Run(Tiny.Spec(training: training, singleTask: "depth"));
        using var models = Tiny.Run(Tiny.Spec());
        foreach (var (a, b) in many.SharedParameters.Zip(one.SharedParameters))
            a.eq(b).all().item<bool>().ShouldBeTrue();
        many.SharedParameters[0].eq(models.SharedParameters[0]).all().item<bool>().ShouldBeFalse();
    }

    private static string Losses(EpochRecord epoch) => string.Join(' ', epoch.TrainLosses.Values.Select(loss => $"{loss:r}"));

    private static IReadOnlyList<EpochRecord> Train(TrainingOptions training)
    {
        using var run = Tiny.Run(Tiny.Spec(training: training));
        using var trainer = new Trainer(run);
        trainer.Train(_ => { }, default);
        run.Data.Dispose();
        return trainer.Curve;
    }
}
