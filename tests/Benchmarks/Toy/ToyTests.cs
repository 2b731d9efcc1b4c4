using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Host.Benchmarks.Toy;
using KdMtlBench.Host.Models;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Benchmarks.Toy;

public sealed class ToyTests : TensorTest
{
    [Theory]
    [InlineData(-8.5f, 7.5f, 6.55236, 7.9008)]
    [InlineData(-8.5f, -5f, 4.05992, -19.4215)]
    [InlineData(9f, 9f, 7.94395, 6.6915)]
    public void Objectives_have_the_published_values_at_the_starts(float x1, float x2, double first, double second)
    {
        var point = tensor(new[,] { { x1, x2 } });
        ToyBenchmark.First(point).item<float>().ShouldBe((float)first, 2e-5f);
        ToyBenchmark.Second(point).item<float>().ShouldBe((float)second, 2e-4f);
    }

    [Theory]
    [InlineData("mgda", 1)]
    [InlineData("mgda", 2)]
    [InlineData("mgda", 3)]
    [InlineData("pcgrad", 1)]
    [InlineData("pcgrad", 2)]
    [InlineData("pcgrad", 3)]
    public void Methods_that_avoid_conflict_reach_the_valley_from_every_start(string strategy, int start)
    {
        var path = Path(start, strategy == "mgda" ? (typeof(Mgda), new MinimumNormOptions()) : (typeof(PcGrad), new PcGradOptions()));
        path[^1].ShouldBeInRange(-8.7, -7.3);
    }

    [Fact]
    public void The_sum_of_the_gradients_is_held_up_on_the_ridge() =>
        Path(3, (typeof(Uniform), new UniformOptions())).Take(5).Average().ShouldBeGreaterThan(1);

    [Fact]
    public void The_path_is_recorded()
    {
        var path = Path(1, (typeof(Mgda), new MinimumNormOptions()), epochs: 3);
        path.Count.ShouldBe(3);
        path[0].ShouldBeLessThan(7.5);
        path.ShouldBe(path.OrderDescending());
    }

    [Theory]
    [InlineData(typeof(Mgda), 1000)]
    [InlineData(typeof(MgdaUb), 200)]
    [InlineData(typeof(PcGrad), 200)]
    [InlineData(typeof(GradNorm), 8)] // its losses turn negative after 97 steps, which ends the run
    public void No_tensor_outlives_its_step(Type strategy, int stepsPerEpoch)
    {
        object options = strategy == typeof(PcGrad) ? new PcGradOptions() : strategy == typeof(GradNorm) ? new GradNormOptions() : new MinimumNormOptions();
        using var run = Tiny.Run(Spec(start: 1, epochs: 10, stepsPerEpoch, strategy, options));
        using var trainer = new Trainer(run);
        var live = new List<long>();
        trainer.Train(_ => live.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount), default);
        live[^1].ShouldBe(live[1]);
    }

    /// <summary>x₂ after each epoch of 100 steps.</summary>
    private static List<double> Path(int start, (Type Type, object? Options) strategy, int epochs = 15)
    {
        using var run = Tiny.Run(Spec(start, epochs, stepsPerEpoch: 100, strategy.Type, strategy.Options));
        using var trainer = new Trainer(run);
        var path = new List<double>();
        trainer.Train(epoch => path.Add(epoch.Validation["f1.x2"]), default);
        return path;
    }

    private static RunSpec Spec(int start, int epochs, int stepsPerEpoch, Type strategy, object? options) => new(
        Tiny.Component("toy", typeof(ToyBenchmark), new ToyOptions { Start = start, StepsPerEpoch = stepsPerEpoch }),
        Tiny.Component("point", typeof(Point)),
        new TrainingOptions { Epochs = epochs, BatchSize = 1, LearningRate = 0.05, Selection = Selection.Last },
        new Dictionary<string, string>(),
        [Tiny.Component("strategy", strategy, options)],
        null,
        1);
}
