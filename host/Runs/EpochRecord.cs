namespace KdMtlBench.Host.Runs;

/// <summary>One epoch of a run: a row of <c>curve.csv</c>.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainLosses">Mean over the epoch's steps, by task.</param>
/// <param name="Weights">Mean over the epoch's steps of the weights that were recorded, by task; by <c>strategy.task</c> where several strategies stand in a list.</param>
/// <param name="ValidationLosses">Mean over the validation batches, by task.</param>
/// <param name="Validation">Metrics by <see cref="TaskMetric.Key"/>.</param>
public sealed record EpochRecord(
    int Epoch,
    IReadOnlyDictionary<string, double> TrainLosses,
    IReadOnlyDictionary<string, double> Weights,
    IReadOnlyDictionary<string, double> ValidationLosses,
    IReadOnlyDictionary<string, double> Validation);
