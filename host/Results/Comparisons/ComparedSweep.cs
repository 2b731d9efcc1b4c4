using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary>A sweep's records, to be compared with those of other sweeps.</summary>
/// <param name="Name">As the user named it.</param>
/// <param name="Origin">Whose runs these are: one clause.</param>
/// <param name="Rule">How the sweep's rows are judged.</param>
/// <param name="Records">All of them.</param>
public sealed record ComparedSweep(string Name, string Origin, DecisionRule Rule, IReadOnlyList<RunRecord> Records);
