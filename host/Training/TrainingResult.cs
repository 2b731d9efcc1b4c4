using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Training;

/// <summary>What training gives: the selected epoch with its scores, and what it cost.</summary>
/// <param name="SelectedEpoch">From 1.</param>
/// <param name="Validation">At the selected epoch.</param>
/// <param name="Test">Read once, with the selected epoch's parameters.</param>
/// <param name="Cost">Without memory and teachers, which the caller knows.</param>
public sealed record TrainingResult(
    int SelectedEpoch,
    IReadOnlyDictionary<string, double> Validation,
    IReadOnlyDictionary<string, double> Test,
    RunCost Cost);
