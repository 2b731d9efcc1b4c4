using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Lets runs on several threads tell one observer.</summary>
internal sealed class OneAtATime(ISweepObserver observer) : ISweepObserver
{
    private readonly Lock _telling = new();

    public void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept) => Tell(() => observer.Started(pending, kept));

    public void RunStarted(RunSpec run, Func<double> epochs) => Tell(() => observer.RunStarted(run, epochs));

    public void Resumed(RunSpec run, double epochs) => Tell(() => observer.Resumed(run, epochs));

    public void EpochDone(RunSpec run, EpochRecord epoch) => Tell(() => observer.EpochDone(run, epoch));

    public void RunFinished(RunSpec run, RunRecord record) => Tell(() => observer.RunFinished(run, record));

    public void Message(string text) => Tell(() => observer.Message(text));

    private void Tell(Action message)
    {
        lock (_telling)
            message();
    }
}
