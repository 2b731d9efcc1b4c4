namespace KdMtlBench.Host.Runs;

/// <summary>One kind of failure of a strategy's solver.</summary>
/// <param name="Strategy">The strategy's id.</param>
/// <param name="Reason">What failed.</param>
/// <param name="Count">How often.</param>
/// <param name="LargestResidual">How far from solved, at most; null where the strategy does not say.</param>
public sealed record SolverFailureRecord(string Strategy, string Reason, long Count, double? LargestResidual);
