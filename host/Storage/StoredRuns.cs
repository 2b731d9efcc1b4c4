using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Storage;

/// <summary>What was found in a sweep's folder.</summary>
/// <param name="Records">The readable ones.</param>
/// <param name="Warnings">One sentence a file that could not be read.</param>
public sealed record StoredRuns(IReadOnlyList<RunRecord> Records, IReadOnlyList<string> Warnings);
