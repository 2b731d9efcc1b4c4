namespace KdMtlBench.Host.Sweeps;

/// <summary>What a sweep would do.</summary>
/// <param name="Runs">To be made, in order.</param>
/// <param name="Finished">Runs that stand already.</param>
/// <param name="Parallel">Runs at once.</param>
/// <param name="StayingBytes">On disk at the end: records, curves, teachers.</param>
/// <param name="PassingBytes">On disk meanwhile, at most: checkpoints.</param>
public sealed record SweepPlan(IReadOnlyList<PlannedRun> Runs, int Finished, int Parallel, long StayingBytes, long PassingBytes)
{
    /// <summary>Of work; shared by <see cref="Parallel"/> runs at once.</summary>
    public TimeSpan Time => Runs.Aggregate(TimeSpan.Zero, (sum, run) => sum + run.Time);
}
