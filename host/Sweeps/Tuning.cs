namespace KdMtlBench.Host.Sweeps;

/// <summary>How the options of a strategy were chosen.</summary>
/// <param name="Label">Of what was tuned: the ids of the composition.</param>
/// <param name="Budget">Settings that were tried; the same for every tuned strategy of a sweep.</param>
/// <param name="Method">random or grid.</param>
/// <param name="Seeds">That each setting was tried on; none of the seeds of the results.</param>
public sealed record Tuning(string Label, int Budget, string Method, IReadOnlyList<int> Seeds)
{
    /// <summary>How the leaderboard calls what came of it.</summary>
    public string RowLabel => $"{Label} (tuned: {Budget} trials)";

    /// <summary>For <see cref="RunSpec.Settings"/>.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["budget"] = $"{Budget}",
        ["method"] = Method,
        ["seeds"] = string.Join('|', Seeds),
    };
}

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
