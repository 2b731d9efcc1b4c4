namespace KdMtlBench.Host.Results.Inference;

/// <summary>A strategy's place over the blocks.</summary>
/// <param name="Strategy">Label.</param>
/// <param name="MeanRank">1 is best.</param>
/// <param name="TiedWithBest">Friedman's test finds no difference among the strategies, or the best mean rank is nearer than
/// Nemenyi's critical difference.</param>
public sealed record BlockRank(string Strategy, double MeanRank, bool TiedWithBest);
