using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Passes everything on but messages, which another worker has sent already.</summary>
internal sealed class Unheard(ISweepObserver observer) : ISweepObserver
{
    public void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept) => observer.Started(pending, kept);

    public void RunStarted(RunSpec run, Func<double> epochs) => observer.RunStarted(run, epochs);

    public void Resumed(RunSpec run, double epochs) => observer.Resumed(run, epochs);

    public void EpochDone(RunSpec run, EpochRecord epoch) => observer.EpochDone(run, epoch);

    public void RunFinished(RunSpec run, RunRecord record) => observer.RunFinished(run, record);

    public void Message(string text)
    {
    }
}
