using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Strategies;

namespace KdMtlBench.Tests.Support;

/// <summary>A step whose forward pass has been made; the same for every instance of the same options.</summary>
internal sealed class Begun : IDisposable
{
    private readonly EpochLog _log;

    public Begun(bool ownImages = false, TrainingOptions? training = null, params Component[] strategies)
    {
        var spec = Tiny.Spec(training: training, benchmark: ownImages ? typeof(TinyOwnImages) : typeof(TinyBenchmark));
        Run = Tiny.Run(strategies.Length == 0 ? spec : spec with { Strategies = strategies });
        Run.Network.TrainMode(true);
        _log = new EpochLog(Run);
        Step = new TrainingStep(Run, _log);
        Step.Begin(0, 0, Run.Take(Run.Data.Train, Samples.Of([3, 1, 4, 8], CPU)));
    }

    public RunContext Run { get; }

    public TrainingStep Step { get; }

    public IReadOnlyList<Tensor> Losses => Step.Pass.Losses;

    /// <summary>The gradients of some objectives, for a strategy to combine.</summary>
    public StepGradients Gradients(GradientPoint at, IReadOnlyList<Tensor>? objectives = null) => new(Step, 0, objectives ?? Losses, at);

    /// <summary>What a strategy at the first place sees.</summary>
    public StrategyStep View => new(Step, 0, Step.Pass, Losses);

    public void Dispose()
    {
        Step.Dispose();
        _log.Dispose();
        Run.Data.Dispose();
        Run.Dispose();
    }
}
