using CsCheck;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

/// <summary>Strategies that no Gramian alone describes: finite on whatever losses and gradients there are.</summary>
public class FiniteTests : TensorTest
{
    private static readonly Dictionary<string, Func<Strategy>> Strategies = new()
    {
        ["random-loss-weighting"] = () => new RandomLossWeighting(new()),
        ["log"] = () => new Log(),
        ["geometric-loss"] = () => new GeometricLoss(),
        ["imtl-l"] = () => new ImtlL(new()),
        ["imtl"] = () => new Imtl(new()),
        ["famo"] = () => new Famo(new()),
        ["smooth-tchebycheff"] = () => new SmoothTchebycheff(new() { NadirEpoch = 1, Mu = 1e-3 }),
        ["auto-lambda"] = () => new AutoLambda(new()),
        ["excess-mtl"] = () => new ExcessMtl(new() { StepSize = 10 }),
        ["graddrop"] = () => new GradDrop(new() { Leak = 0.1 }),
        ["config"] = () => new ConFig(new()),
        ["sdmgrad"] = () => new SdmGrad(new()),
        ["modo"] = () => new MoDo(new()),
        ["moco"] = () => new MoCo(new()),
        ["moco-lib-mtl"] = () => new MoCo(new() { Form = MoCoForm.LibMtl }),
        ["db-mtl"] = () => new DbMtl(new()),
    };

    public static TheoryData<string> All => [.. Strategies.Keys];

    [Theory, MemberData(nameof(All))]
    public void Weights_and_gradients_are_finite(string name) =>
        Gen.Select(Gramians.Jacobians(mostTasks: 10), Gen.Double[-15, 15].Array[10]).Sample((rows, exponents) =>
        {
            if (name == "moco-lib-mtl" && rows.Max(Gramians.Norm) > 1e8)
                return; // its gradients are as long as the losses, here the squares of the norms, and the weights need their squares
            using var tasks = new QuadraticTasks([.. rows.Select(_ => 1.0)], rows, [.. exponents.Take(rows.Length).Select(e => Math.Pow(10, e))]) { Epochs = 3 };
            var strategy = Strategies[name]();
            strategy.Initialise(tasks);
            for (var step = 0; step < 3; step++)
            {
                var weights = tasks.Train(strategy);
                weights.Length.ShouldBe(rows.Length);
                weights.ShouldAllBe(weight => double.IsFinite(weight));
                tasks.SharedGradient().ShouldAllBe(value => double.IsFinite(value));
                tasks.EpochLosses = [[.. tasks.Losses.Select(loss => (double)loss.item<float>())]];
                strategy.StartEpoch(new EpochHistory(tasks.EpochLosses));
            }
        }, iter: 40, threads: 1);
}
