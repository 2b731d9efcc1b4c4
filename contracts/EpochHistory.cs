using KdMtlBench.Contracts.Benchmarks;

namespace KdMtlBench.Contracts;

/// <summary>What is known of the epochs that are over, when the next one starts. Nothing of the test split is in it.</summary>
/// <param name="Losses">[epoch][task]: means of <see cref="ITrainingStep.Losses"/>.</param>
public sealed record EpochHistory(IReadOnlyList<IReadOnlyList<double>> Losses)
{
    /// <summary>[epoch][task]: the task's metrics on the validation split after the epoch.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<MetricValue>>> Validation { get; init; } = [];

    /// <summary>[task]: the same of the task's single-task run with the run's seed, at its selected epoch. Empty unless
    /// <see cref="StrategyRequirements.Teachers"/> are required.</summary>
    public IReadOnlyList<IReadOnlyList<MetricValue>> SingleTask { get; init; } = [];
}

/// <summary>What a metric has come out as.</summary>
/// <param name="Metric">Which, and which way is better.</param>
/// <param name="Value">In the metric's own scale: a fraction from 0 to 1, not percent.</param>
public sealed record MetricValue(Metric Metric, double Value);
