namespace KdMtlBench.Host.Runs;

/// <summary>A strategy whose options are chosen by trials, on one benchmark with one model.</summary>
/// <param name="Tuning">How.</param>
/// <param name="Trials">One run a setting, in the order of the trials; the seed is open.</param>
/// <param name="Seeds">Of the results.</param>
public sealed record TunedStrategy(Tuning Tuning, IReadOnlyList<RunSpec> Trials, IReadOnlyList<int> Seeds)
{
    /// <summary>The runs of one setting.</summary>
    public IEnumerable<RunSpec> RunsOf(RunSpec trial) => Tuning.Seeds.Select(seed => trial with { Seed = seed });

    /// <summary>The runs of the results, once a setting is chosen.</summary>
    public IEnumerable<RunSpec> Results(RunSpec chosen) => Seeds.Select(seed => chosen with { Seed = seed, Tuning = Tuning });
}
