using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary>The records of one benchmark and model, from sweeps that share single-task runs: their rows can stand in one table, and a run that
/// several sweeps have counts once.</summary>
internal sealed class GroupPool
{
    private readonly Dictionary<(string Strategy, string? SingleTask, int Seed), RunRecord> _records = [];
    private readonly List<ComparedSweep> _sweeps = [];

    private GroupPool(string benchmark, string model) => (Benchmark, Model) = (benchmark, model);

    public string Benchmark { get; }

    public string Model { get; }

    public IReadOnlyList<string> Sweeps => [.. _sweeps.Select(sweep => sweep.Name)];

    public IReadOnlyCollection<RunRecord> Records => _records.Values;

    /// <summary>Of the sweeps that come in rounds the fewest seeds that all rows have.</summary>
    public SeedRounds? Rounds => _sweeps.Select(sweep => sweep.Rule.Rounds).OfType<SeedRounds>().MinBy(rounds => rounds.From);

    /// <summary>Puts sweeps together where they belong together, in the order in which they were named.</summary>
    public static IReadOnlyList<GroupPool> Of(IEnumerable<ComparedSweep> sweeps)
    {
        var pools = new List<GroupPool>();
        foreach (var sweep in sweeps)
        {
            Leaderboard.RefuseDuplicates(sweep.Records);
            foreach (var records in Leaderboard.Grouped([.. sweep.Records.OrderBy(record => record.Id, StringComparer.Ordinal)]))
            {
                var pool = pools.Find(pool => pool.Takes(records));
                if (pool is null)
                    pools.Add(pool = new GroupPool(records[0].Benchmark, records[0].Model));
                pool.Add(sweep, records);
            }
        }

        return pools;
    }

    /// <summary>Whether single-task runs of both have the same settings, data and seeds.</summary>
    public bool AsksForTheSameAs(GroupPool other) => Specs().Intersect(other.Specs()).Any();

    private IEnumerable<string> Specs() => _records.Values.Where(record => record.SingleTask is not null).Select(record => record.SpecSha256);

    /// <summary>Single-task runs in common, and no run that came out otherwise or was asked for otherwise.</summary>
    private bool Takes(IReadOnlyList<RunRecord> records)
    {
        var common = records.Where(record => _records.ContainsKey(Key(record))).ToList();
        return records[0].Benchmark == Benchmark && records[0].Model == Model
            && common.Exists(record => record.SingleTask is not null) && common.TrueForAll(record => AreSame(record, _records[Key(record)]));
    }

    private void Add(ComparedSweep sweep, IEnumerable<RunRecord> records)
    {
        _sweeps.Add(sweep);
        foreach (var record in records)
            _records.TryAdd(Key(record), record);
    }

    private static (string Strategy, string? SingleTask, int Seed) Key(RunRecord record) => (record.Strategy, record.SingleTask, record.Seed);

    private static bool AreSame(RunRecord one, RunRecord other) =>
        one.SpecSha256 == other.SpecSha256 && one.Status == other.Status && one.Test.Count == other.Test.Count
        && one.Test.All(value => other.Test.TryGetValue(value.Key, out var its) && its.Equals(value.Value));
}
