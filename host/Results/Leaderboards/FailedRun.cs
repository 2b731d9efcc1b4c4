namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>A run that did not finish.</summary>
/// <param name="Id">Of the run.</param>
/// <param name="Strategy">Label.</param>
/// <param name="Seed">Of the run.</param>
/// <param name="Reason">One sentence.</param>
public sealed record FailedRun(string Id, string Strategy, int Seed, string Reason);
