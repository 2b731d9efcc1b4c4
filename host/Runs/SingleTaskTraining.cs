namespace KdMtlBench.Host.Runs;

/// <summary>How the single-task run of a task is trained.</summary>
/// <param name="Options">How long, how fast.</param>
/// <param name="Settings">Every training option in full, kebab-case key to invariant text.</param>
/// <param name="Tuning">How they were chosen; null where they stand in the sweep.</param>
public sealed record SingleTaskTraining(TrainingOptions Options, IReadOnlyDictionary<string, string> Settings, Tuning? Tuning = null);
