namespace KdMtlBench.Host.Results.Comparisons;

/// <summary>The strategies on one benchmark with one model, from one sweep or from several that share their single-task runs.</summary>
/// <param name="Benchmark">Label.</param>
/// <param name="Model">Label.</param>
/// <param name="Sweeps">Their names.</param>
/// <param name="Seeds">That every strategy here has.</param>
/// <param name="Values">Δ task in % by strategy, one value a seed; minus infinity for a run that failed or whose metric was undefined.</param>
public sealed record ComparedGroup(
    string Benchmark, string Model, IReadOnlyList<string> Sweeps, IReadOnlyList<int> Seeds, IReadOnlyDictionary<string, IReadOnlyList<double>> Values);
