using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps;

/// <summary>A run that a sweep would make.</summary>
/// <param name="Run">What it is.</param>
/// <param name="Teachers">Places, from 1, of the runs in the plan that have to be over before.</param>
/// <param name="EpochsBehind">Of a checkpoint that it would go on from.</param>
/// <param name="Time">Estimated.</param>
/// <param name="Trouble">What its first steps failed with; then there is no estimate.</param>
public sealed record PlannedRun(RunSpec Run, IReadOnlyList<int> Teachers, int EpochsBehind, TimeSpan Time, string? Trouble);
