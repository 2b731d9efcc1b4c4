using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>A task's change against its single-task networks.</summary>
/// <param name="Task">Its id.</param>
/// <param name="Change">In percent, positive is better, over seeds.</param>
public sealed record TaskChange(string Task, Estimate Change);
