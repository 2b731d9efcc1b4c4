using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Which runs of a sweep stand already, and what has to be done about the others.</summary>
/// <param name="Kept">Finished with the same settings, code, data and device, wherever they are: need not be made.</param>
/// <param name="Outdated">Ids of runs in the leaderboard that were made with other code, data or on another device.</param>
/// <param name="Unasked">Ids of runs in the leaderboard that the sweep does not ask for.</param>
/// <param name="Lost">Finished runs that are made again since others learn from their network, and why it is not there.</param>
internal sealed record StandingRuns(
    IReadOnlyList<FoundRun> Kept,
    IReadOnlyList<string> Outdated,
    IReadOnlyList<string> Unasked,
    IReadOnlyList<(string Id, string Reason)> Lost)
{
    public IReadOnlyList<RunRecord> Records => [.. Kept.Select(run => run.Record)];
}
