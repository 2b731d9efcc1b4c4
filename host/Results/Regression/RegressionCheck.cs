using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using MathNet.Numerics.Distributions;

namespace KdMtlBench.Host.Results.Regression;

/// <summary>Compares a sweep's stored records with candidates for the same runs.</summary>
/// <remarks>
/// On the same processor, versions and device a run gives the same bits, so every seed must. Elsewhere sums round
/// differently, and a run ends as a slightly different one would: then the mean over m seeds may differ by
/// t · s · √(1/n + 1/m) + tolerance · |stored mean|. The first term is the 95 % prediction interval of the stored sweep for the
/// mean of m more runs, with t and s of its n seeds; the candidate's own scatter has no part in it, or a strategy that
/// is broken erratically would widen its own limit. Below three stored seeds there is no interval, and nothing is compared unless a
/// tolerance is asked for: in results/toy one start's path is chaotic, and other rounding, in float64 too, ends it elsewhere.
/// The second term is for scatters that three seeds show too small by chance.
/// On results/quick, 2 threads instead of 1, which changes nothing but rounding, moved means by 0.2 s in the median, 1.9 s and
/// 12 % at most, which is a third of the limit over three seeds and half of it over one. The limit is wide: it finds
/// what is broken outright. What moves less than the seeds scatter is found on the machine of the stored results.
/// </remarks>
public static class RegressionCheck
{
    /// <summary>As a fraction of the stored mean.</summary>
    private const double DefaultTolerance = 0.05;

    private static readonly string[] _decideBits = ["cpu", "cpu-model", "cpu-features", "cores", "gpu", "device", "torchsharp", "libtorch", "dotnet"];

    private static readonly string[] _noCause = [Provenance.Command, Provenance.Parallel]; // how the program was called changes no result

    /// <summary>Compares what the selection takes.</summary>
    /// <param name="stored">All records of the sweep; also those not selected tell how far seeds scatter.</param>
    /// <param name="candidates">Made anew.</param>
    /// <param name="selection">Of both.</param>
    /// <param name="tolerance">As a fraction of the stored mean; for other machines only. Null for 5 %, and to leave out what has no interval.</param>
    public static RegressionReport Compare(
        IReadOnlyList<RunRecord> stored, IReadOnlyList<RunRecord> candidates, RunSelection selection, double? tolerance)
    {
        var before = stored.Where(selection.Takes).ToDictionary(Key);
        var after = candidates.Where(selection.Takes).ToDictionary(Key);
        var pairs = before.Where(run => after.ContainsKey(run.Key)).Select(run => new Pair(run.Value, after[run.Key])).ToList();
        List<string> problems =
        [
            .. Unmatched("stored runs have no candidate", before.Where(run => !after.ContainsKey(run.Key)).Select(run => run.Value)),
            .. Unmatched("runs of the candidate are not stored", after.Where(run => !before.ContainsKey(run.Key)).Select(run => run.Value)),
            .. pairs.SelectMany(Incomparable).Distinct(),
        ];
        var changes = Changes(pairs);
        if (problems.Count > 0)
            return new RegressionReport(pairs.Count, [], [], changes, problems);

        var groups = pairs.GroupBy(pair => Group(pair.Stored)).OrderBy(group => group.Key).ToList();
        var values = groups.SelectMany(group => Values([.. group], [.. stored.Where(record => Group(record) == group.Key)], tolerance)).ToList();
        return new RegressionReport(pairs.Count, values, [.. groups.SelectMany(group => group).SelectMany(Ending)], changes, []);
    }

    /// <summary>Whether anything made here could be compared: with its own bits, or by an interval.</summary>
    /// <param name="stored">All records of the sweep.</param>
    /// <param name="selection">Of them.</param>
    /// <param name="here"><see cref="Provenance.Of(TorchSharp.torch.Device)"/>.</param>
    public static bool CanCompare(IReadOnlyList<RunRecord> stored, RunSelection selection, IReadOnlyDictionary<string, string> here) => stored
        .GroupBy(Group)
        .Any(group => group.Any(selection.Takes)
            && (group.Count(record => record.Status == RunStatus.Done) >= Statistics.FewestSeeds || group.Any(record => selection.Takes(record) && GivesTheSameBits(record.Provenance, here))));

    private static (string Benchmark, string Model, string Strategy, string Task, int Seed) Key(RunRecord record) =>
        (record.Benchmark, record.Model, record.Strategy, record.SingleTask ?? "", record.Seed);

    /// <summary>What is the same for all seeds.</summary>
    private static (string Benchmark, string Model, string Strategy, string Task, int Seed) Group(RunRecord record) => Key(record) with { Seed = 0 };

    private static string Name(RunRecord record) => record.SingleTask is { } task ? $"{record.Strategy} {task}" : record.Strategy;

    private static IEnumerable<string> Unmatched(string what, IEnumerable<RunRecord> records)
    {
        const int MostShown = 3;
        var ids = records.Select(record => record.Id).ToList();
        if (ids.Count > 0)
            yield return $"{ids.Count} {what}: {string.Join(", ", ids.Take(MostShown))}{(ids.Count > MostShown ? " …" : "")}";
    }

    /// <summary>Other data or other settings: the results answer different questions.</summary>
    private static IEnumerable<string> Incomparable(Pair pair)
    {
        const string Data = "data-sha256";
        if (pair.Fact(Data) is var (storedData, candidateData) && storedData != candidateData)
            yield return $"other data of {pair.Stored.Benchmark}: {Data} was {Show(storedData)}, is {Show(candidateData)}";
        var settings = Differences(pair.Stored.Settings, pair.Candidate.Settings).ToList();
        if (settings.Count > 0)
            yield return $"other settings of {Name(pair.Stored)}: {string.Join(", ", settings.Select(setting => $"{setting.Key} was {setting.Stored ?? "not there"}, is {setting.Candidate ?? "not there"}"))}";
    }

    private static IEnumerable<string> Ending(Pair pair) => (pair.Stored.Status, pair.Candidate.Status) switch
    {
        (RunStatus.Done, RunStatus.Failed) => [$"{Name(pair.Stored)}, seed {pair.Stored.Seed}, fails now: {pair.Candidate.Failure}"],
        (RunStatus.Failed, RunStatus.Done) => [$"{Name(pair.Stored)}, seed {pair.Stored.Seed}, no longer fails (it did: {pair.Stored.Failure})"],
        _ => [],
    };

    /// <param name="pairs">One strategy on one benchmark and model, or one baseline.</param>
    /// <param name="stored">All that is stored of it, whichever seeds are selected.</param>
    /// <param name="tolerance">As a fraction of the stored mean.</param>
    private static IEnumerable<ComparedValue> Values(IReadOnlyList<Pair> pairs, IReadOnlyList<RunRecord> stored, double? tolerance)
    {
        var finished = pairs.Where(pair => pair is { Stored.Status: RunStatus.Done, Candidate.Status: RunStatus.Done }).OrderBy(pair => pair.Stored.Seed).ToList();
        if (finished.Count == 0)
            yield break;
        var exact = finished.TrueForAll(pair => pair.GivesTheSameBits);
        foreach (var metric in finished[0].Stored.Metrics)
        {
            var before = finished.ConvertAll(pair => pair.Stored.Test.GetValueOrDefault(metric.Key, double.NaN));
            var after = finished.ConvertAll(pair => pair.Candidate.Test.GetValueOrDefault(metric.Key, double.NaN));
            var (mean, candidate) = (Statistics.Mean(before), Statistics.Mean(after));
            double[] scatter = [.. stored.Where(record => record.Status == RunStatus.Done).Select(record => record.Test.GetValueOrDefault(metric.Key, double.NaN)).Where(double.IsFinite)];
            var halfWidth = PredictionHalfWidth(scatter, after.Count);
            var allowed = exact ? (double?)null : (halfWidth ?? 0) + ((tolerance ?? DefaultTolerance) * Math.Abs(mean));
            var same = exact ? before.SequenceEqual(after) : Math.Abs(candidate - mean) <= allowed || (double.IsNaN(mean) && double.IsNaN(candidate));
            var movement = !exact && halfWidth is null && tolerance is null ? Movement.NotCompared
                : same ? Movement.Same
                : IsBetter(metric.Metric, before, after) ? Movement.Better : Movement.Worse;
            var first = finished[0].Stored;
            yield return new ComparedValue(first.Benchmark, first.Model, Name(first), metric, mean, candidate, allowed, movement);
        }
    }

    /// <summary>Half width of the 95 % prediction interval for the mean of new values; null below three values.</summary>
    private static double? PredictionHalfWidth(IReadOnlyList<double> values, int newValues) => Statistics.Ci95(values) is null ? null
        : StudentT.InvCDF(0, 1, values.Count - 1, 1 - (Statistics.Significance / 2)) * Statistics.StandardDeviation(values)
            * Math.Sqrt((1.0 / values.Count) + (1.0 / newValues));

    /// <summary>By the sum of the seeds' changes, in which a last bit is not lost; what is no number any more is worse, what has become one is better.</summary>
    private static bool IsBetter(Metric metric, IEnumerable<double> before, IEnumerable<double> after)
    {
        var gain = after.Zip(before, (now, then) => now - then).Sum();
        return double.IsNaN(gain) ? !after.Any(double.IsNaN) : metric.HigherIsBetter ? gain > 0 : gain < 0;
    }

    private static IReadOnlyList<ChangedFact> Changes(IReadOnlyList<Pair> pairs) =>
    [
        .. from pair in pairs
           from fact in Differences(pair.Stored.Provenance, pair.Candidate.Provenance)
           where !_noCause.Contains(fact.Key)
           group Name(pair.Stored) by fact into strategies
           let names = strategies.Distinct().Order(StringComparer.Ordinal).ToList()
           orderby names.Count, strategies.Key.Key
           select new ChangedFact(strategies.Key.Key, strategies.Key.Stored, strategies.Key.Candidate, names),
    ];

    private static IEnumerable<(string Key, string? Stored, string? Candidate)> Differences(
        IReadOnlyDictionary<string, string> stored, IReadOnlyDictionary<string, string> candidate) =>
        from key in stored.Keys.Union(candidate.Keys).Order(StringComparer.Ordinal)
        let before = stored.GetValueOrDefault(key)
        let after = candidate.GetValueOrDefault(key)
        where before != after
        select (key, before, after);

    /// <summary>Both on the same processor with the same versions; a GPU's sums are in no fixed order.</summary>
    private static bool GivesTheSameBits(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.GetValueOrDefault("device") == "cpu" && Array.TrueForAll(_decideBits, key => a.GetValueOrDefault(key) == b.GetValueOrDefault(key));

    private static string Show(string? value) => value is null ? "not told" : RecordFacts.Short(value);

    private sealed record Pair(RunRecord Stored, RunRecord Candidate)
    {
        public bool GivesTheSameBits => RegressionCheck.GivesTheSameBits(Stored.Provenance, Candidate.Provenance);

        public (string? Stored, string? Candidate) Fact(string key) =>
            (Stored.Provenance.GetValueOrDefault(key), Candidate.Provenance.GetValueOrDefault(key));
    }
}
