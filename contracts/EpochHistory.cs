using KdMtlBench.Contracts.Benchmarks;

namespace KdMtlBench.Contracts;

/// <summary>What is known of the completed epochs when the next one starts. It holds nothing from the test split.</summary>
/// <param name="Losses">[epoch][task]: means of <see cref="ITrainingStep.Losses"/>.</param>
public sealed record EpochHistory(IReadOnlyList<IReadOnlyList<double>> Losses)
{
    /// <summary>[epoch][task]: the task's metrics on the validation split after the epoch.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<MetricValue>>> Validation { get; init; } = [];

    /// <summary>[task]: the same for the task's single-task run with this run's seed, at its selected epoch. Empty unless
    /// <see cref="StrategyRequirements.Teachers"/> are required.</summary>
    public IReadOnlyList<IReadOnlyList<MetricValue>> SingleTask { get; init; } = [];
}

/// <summary>A metric and its value.</summary>
/// <param name="Metric">Which, and which way is better.</param>
/// <param name="Value">In the metric's own scale: a fraction from 0 to 1, not percent.</param>
public sealed record MetricValue(Metric Metric, double Value);
