using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Training;

namespace KdMtlBench.Tests.Support;

/// <summary>A step whose forward pass has been made; the same for every instance of the same options.</summary>
internal sealed class Begun : IDisposable
{
    public Begun(bool ownImages = false, TrainingOptions? training = null)
    {
        Run = Tiny.Run(Tiny.Spec(training: training, benchmark: ownImages ? typeof(TinyOwnImages) : typeof(TinyBenchmark)));
        Run.Network.TrainMode(true);
        Step = new TrainingStep(Run);
        Step.Begin(0, 0, Run.Take(Run.Data.Train, tensor(new long[] { 3, 1, 4, 8 })));
    }

    public RunContext Run { get; }

    public TrainingStep Step { get; }

    public void Dispose()
    {
        Step.Dispose();
        Run.Data.Dispose();
        Run.Dispose();
    }
}
