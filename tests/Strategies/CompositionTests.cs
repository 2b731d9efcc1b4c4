using KdMtlBench.Contracts.Solvers;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Strategies;
using KdMtlBench.Plugins;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Strategies;

/// <summary>Lists of strategies, trained by the host, against a computation by hand that knows nothing of it: plain arrays of doubles,
/// each method written down once more from its paper.</summary>
public class CompositionTests : TensorTest
{
    private const int Epochs = 4;

    private static readonly Dictionary<string, Func<Component>> Plugins = new()
    {
        ["uniform"] = () => Tiny.Component("uniform", typeof(Uniform), new UniformOptions()),
        ["static"] = () => Tiny.Component("static", typeof(Static), new StaticOptions { Weights = [0.5, 2, 1] }),
        ["dwa"] = () => Tiny.Component("dwa", typeof(Dwa), new DwaOptions()),
        ["uncertainty"] = () => Tiny.Component("uncertainty", typeof(Uncertainty), new UncertaintyOptions { Initial = -0.2, LearningRate = 0.01 }),
        ["imtl-l"] = () => Tiny.Component("imtl-l", typeof(ImtlL), new ImtlLOptions { LearningRate = 0.01 }),
        ["log"] = () => Tiny.Component("log", typeof(Log)),
        ["geometric-loss"] = () => Tiny.Component("geometric-loss", typeof(GeometricLoss)),
        ["famo"] = () => Tiny.Component("famo", typeof(Famo), new FamoOptions()),
        ["smooth-tchebycheff"] = () => Tiny.Component("smooth-tchebycheff", typeof(SmoothTchebycheff), new SmoothTchebycheffOptions { NadirEpoch = 2 }),
        ["random-loss-weighting"] = () => Tiny.Component("random-loss-weighting", typeof(RandomLossWeighting), new RandomLossWeightingOptions()),
        ["gradnorm"] = () => Tiny.Component("gradnorm", typeof(GradNorm), new GradNormOptions()),
        ["pcgrad"] = () => Tiny.Component("pcgrad", typeof(PcGrad), new PcGradOptions()),
        ["mgda"] = () => Tiny.Component("mgda", typeof(Mgda), new MinimumNormOptions { Tolerance = 1e-12 }),
    };

    private static readonly string[] _objectives = ["uniform", "static", "dwa", "uncertainty", "imtl-l", "log", "geometric-loss", "famo", "smooth-tchebycheff", "random-loss-weighting", "gradnorm"];

    public static TheoryData<string> Lists =>
    [
        .. from objective in _objectives
           from ending in new[] { "", ",pcgrad", ",mgda" }
           select objective + ending,
        "static,dwa", "dwa,static", "static,dwa,pcgrad", "dwa,uncertainty", "static,imtl-l,mgda", "static,log,pcgrad", "dwa,famo", "famo,dwa,mgda", "random-loss-weighting,famo", "geometric-loss,famo,pcgrad",
        "static,gradnorm,pcgrad", "gradnorm,static", "static,smooth-tchebycheff,mgda", "dwa,geometric-loss,log", "static,dwa,famo,uncertainty,pcgrad",
    ];

    [Theory, MemberData(nameof(Lists))]
    public void A_list_trains_as_by_hand(string list)
    {
        string[] ids = list.Split(',');
        using var run = Quadratics.Run(Epochs, [.. ids.Select(id => Plugins[id]())]);
        using var trainer = new Trainer(run);
        trainer.Train(_ => { }, default);
        var hand = new ByHand(ids);
        hand.Train();
        foreach (var (vector, expected) in Quadratics.Vectors(run).Zip([hand.Theta, .. hand.Heads]))
            vector.ShouldBe(expected, 1e-9);
        var weights = trainer.Curve[^1].Weights;
        weights.Count.ShouldBe(3 * ids.Length);
        foreach (var (place, id) in ids.Index())
            for (var task = 0; task < 3; task++)
                weights[ids.Length == 1 ? $"task-{task}" : $"{id}.task-{task}"].ShouldBe(hand.MeanWeights[place][task], 1e-9);
    }

    /// <summary>Distillation needs a network: its objectives' gradients by plain autograd on a second copy, combined by the paper's rule.</summary>
    [Theory]
    [InlineData(typeof(KdAdaptor), "")]
    [InlineData(typeof(KdAdaptor), "pcgrad")]
    [InlineData(typeof(KdAdaptor), "mgda")]
    [InlineData(typeof(Bam), "")]
    [InlineData(typeof(Bam), "pcgrad")]
    [InlineData(typeof(Bam), "mgda")]
    public void Distilled_objectives_are_what_a_gradient_strategy_combines(Type distillation, string ending)
    {
        var first = Tiny.Component("distillation", distillation, distillation == typeof(Bam) ? new BamOptions() : new KdAdaptorOptions());
        using var teachers = Tiny.Teachers(seed: 2);
        using var mine = new Distilled(teachers, ending.Length == 0 ? [first] : [first, Plugins[ending]()]);
        using var other = new Distilled(teachers, [first]);
        mine.Step.Backward();

        var trunk = other.Run.Network.Module.SharedParameters.ToList();
        var objectives = other.Run.Strategies[0].Objectives(new StrategyStep(other.Step, 0, other.Step.Pass, other.Step.Pass.Losses), other.Step.Pass.Losses);
        var rows = objectives.Select(objective => autograd.grad([objective], [.. trunk], retain_graph: true).SelectMany(gradient => gradient.to(ScalarType.Float64).flatten().data<double>().ToArray()).ToArray()).ToArray();
        double[] weights = ending switch
        {
            "pcgrad" => PcGrad.Weights(Gramians.Of(rows), Randomness.Source(1, "step", 0)),
            "mgda" => ByHand.MinimumNormWeights(rows),
            _ => [1, 1, 1],
        };
        var direction = mine.Run.Network.Module.SharedParameters.SelectMany(parameter => parameter.grad!.to(ScalarType.Float64).flatten().data<double>().ToArray()).ToArray();
        direction.ShouldBe(Gramians.Combine(rows, weights), 1e-4 * rows.Max(Gramians.Norm));
    }

    [Fact]
    public void No_two_lists_train_alike_that_mean_different_things()
    {
        var ends = new[] { "pcgrad", "uncertainty,pcgrad", "dwa,pcgrad", "imtl-l,pcgrad", "static,pcgrad", "log,pcgrad", "uncertainty", "dwa", "static" }
            .Select(list => (list, Theta: End(list.Split(',')))).ToList();
        foreach (var (i, (list, theta)) in ends.Index())
            foreach (var (other, otherTheta) in ends.Take(i))
                theta.Zip(otherTheta, (a, b) => Math.Abs(a - b)).Max().ShouldBeGreaterThan(1e-6, $"{list} and {other}");
    }

    [Fact]
    public void Imtl_is_its_two_halves_to_the_last_bit()
    {
        var whole = Curve(Tiny.Component("imtl", typeof(Imtl), new ImtlOptions()));
        var halves = Curve(Tiny.Component("imtl-l", typeof(ImtlL), new ImtlLOptions()), Tiny.Component("imtl-g", typeof(ImtlG), new ImtlGOptions()));
        foreach (var (a, b) in whole.Zip(halves))
        {
            b.TrainLosses.ShouldBe(a.TrainLosses);
            b.ValidationLosses.ShouldBe(a.ValidationLosses);
        }
    }

    [Fact]
    public void Under_a_gradient_strategy_heads_and_learnt_parameters_follow_the_plain_objectives()
    {
        var list = new[] { Plugins["uncertainty"](), Plugins["pcgrad"]() };
        using var run = Quadratics.Run(1, list);
        using var trainer = new Trainer(run);
        trainer.StartEpoch(0);
        var s = run.Setups.First().Parameters.Single();
        using var begun = new TrainingStep(run, new EpochLog(run));
        begun.Begin(0, 0, run.Take(run.Data.Train, Samples.Of([0], CPU)));
        var weight = 0.5 * Math.Exp(0.2); // ½ e^(−s), s = −0.2
        begun.Backward();
        foreach (var (i, head) in run.Network.TaskParameters.Index())
            head.grad!.data<double>().ToArray().ShouldBe([.. Quadratics.Minima[i].Select(a => -weight * Quadratics.Curvatures[i] * a)], 1e-12);
        var losses = begun.Pass.Losses.Select(loss => loss.item<double>());
        s.grad!.data<double>().ToArray().ShouldBe([.. losses.Select(loss => 0.5 - weight * loss)], 1e-12);
    }

    /// <summary>The first step of a Tiny run with teachers, its forward pass made.</summary>
    private sealed class Distilled : IDisposable
    {
        private readonly EpochLog _log;

        public Distilled(Teachers teachers, Component[] strategies)
        {
            Run = Tiny.Run(Tiny.Spec() with { Strategies = strategies }, teachers);
            Run.Network.TrainMode(true);
            _log = new EpochLog(Run);
            Step = new TrainingStep(Run, _log);
            Step.Begin(0, 0, Run.Take(Run.Data.Train, Samples.Of([3, 1, 4, 8], CPU)));
        }

        public RunContext Run { get; }

        public TrainingStep Step { get; }

        public void Dispose()
        {
            Step.Dispose();
            _log.Dispose();
            Run.Data.Dispose();
            Run.Dispose();
        }
    }

    private static double[] End(string[] ids)
    {
        using var run = Quadratics.Run(Epochs, [.. ids.Select(id => Plugins[id]())]);
        using var trainer = new Trainer(run);
        trainer.Train(_ => { }, default);
        return Quadratics.Vectors(run)[0];
    }

    private static IReadOnlyList<EpochRecord> Curve(params Component[] strategies)
    {
        using var run = Quadratics.Run(Epochs, strategies);
        using var trainer = new Trainer(run);
        trainer.Train(_ => { }, default);
        return trainer.Curve;
    }
}
