namespace KdMtlBench.Host.Runs;

/// <summary>Told what happens in a sweep; one call at a time.</summary>
public interface ISweepObserver
{
    /// <summary>Before the first run.</summary>
    /// <param name="pending">To be run, in order.</param>
    /// <param name="kept">Finished earlier with the same settings and code.</param>
    void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept);

    /// <summary>A run begins.</summary>
    /// <param name="run">The run.</param>
    /// <param name="epochs">Epochs that it has behind it, with a fraction for the steps of the one under way; from any
    /// thread, and without a look at the device.</param>
    void RunStarted(RunSpec run, Func<double> epochs);

    /// <summary>A run goes on from a checkpoint.</summary>
    /// <param name="run">The run.</param>
    /// <param name="epochs">That it has behind it, with the share of the one that it goes on in.</param>
    void Resumed(RunSpec run, double epochs);

    void EpochDone(RunSpec run, EpochRecord epoch);

    void RunFinished(RunSpec run, RunRecord record);

    void Message(string text);
}
