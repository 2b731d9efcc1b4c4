using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary>Two strategies over the groups that both have.</summary>
/// <param name="Strategy">X.</param>
/// <param name="Other">Y.</param>
/// <param name="Groups">Indices.</param>
/// <param name="Probability">That a run of X is better than one of Y.</param>
public sealed record PairComparison(string Strategy, string Other, IReadOnlyList<int> Groups, BootstrapInterval Probability);
