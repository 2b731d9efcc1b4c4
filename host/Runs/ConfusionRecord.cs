namespace KdMtlBench.Host.Runs;

/// <summary>How often a class was taken for another on the test split, at the selected epoch.</summary>
/// <param name="Task">A classification of whole images.</param>
/// <param name="Truth">Class.</param>
/// <param name="Predicted">Class.</param>
/// <param name="Count">Images, at least one.</param>
public sealed record ConfusionRecord(string Task, int Truth, int Predicted, long Count);
