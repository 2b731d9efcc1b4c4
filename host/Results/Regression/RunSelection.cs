using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Regression;

/// <summary>The part of a sweep that a check looks at.</summary>
/// <param name="Seeds">Empty for all.</param>
/// <param name="Strategies">Labels of the leaderboard or ids, <c>single-task</c> for the baselines; empty for all.</param>
public sealed record RunSelection(IReadOnlyList<int> Seeds, IReadOnlyList<string> Strategies)
{
    public static RunSelection All { get; } = new([], []);

    public bool TakesAll => Seeds.Count == 0 && Strategies.Count == 0;

    public bool Takes(RunRecord record) => Takes(record.Seed, record.Strategy, record.Settings["strategy"]);

    public bool Takes(RunSpec run) => Takes(run.Seed, run.StrategyLabel, run.Settings["strategy"]);

    /// <summary>Refuses seeds and strategies that no record has, which would otherwise be a check of nothing.</summary>
    /// <exception cref="InputException">Names what there is.</exception>
    public void RequireIn(IReadOnlyList<RunRecord> records)
    {
        var labels = records.Select(record => record.Strategy).Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var strategy in Strategies.Where(strategy => !records.Any(record => (this with { Seeds = [], Strategies = [strategy] }).Takes(record))))
            throw new InputException(Wording.Unknown($"strategy {Wording.Quote(strategy)}", strategy, labels));
        foreach (var seed in Seeds.Where(seed => records.All(record => record.Seed != seed)))
            throw new InputException($"no stored run has the seed {seed}; there are {string.Join(", ", records.Select(record => record.Seed).Distinct().Order())}");
    }

    private bool Takes(int seed, string label, string ids) =>
        (Seeds.Count == 0 || Seeds.Contains(seed)) && (Strategies.Count == 0 || Strategies.Contains(label) || Strategies.Contains(ids));
}
