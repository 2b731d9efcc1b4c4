using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps;

/// <summary>What a sweep left.</summary>
/// <param name="Records">Of every run that has one, kept and new.</param>
/// <param name="Interrupted">Ctrl-C came before the end.</param>
public sealed record SweepOutcome(IReadOnlyList<RunRecord> Records, bool Interrupted)
{
    /// <summary>0 done, 1 some runs failed, 130 interrupted.</summary>
    public int ExitCode => Interrupted ? 130 : Records.Any(record => record.Status == RunStatus.Failed) ? 1 : 0;
}
