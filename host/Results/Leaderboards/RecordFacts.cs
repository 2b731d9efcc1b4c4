using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>What records have in common, and where they ran differently.</summary>
internal static class RecordFacts
{
    private const int ShortHash = 12;
    private const int MostValuesShown = 3;

    /// <summary>Settings and provenance that every record has with the same value, the plugins' hashes, and the seeds; hashes shortened.</summary>
    public static IReadOnlyDictionary<string, string> Constants(IReadOnlyList<RunRecord> records)
    {
        var constants = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, values) in Shared(records, Facts))
        {
            if (values.Count == 1 && key is not ("seed" or "strategy"))
                constants[key] = Short(values[0]);
        }

        if (records.Count > 0)
            constants["seeds"] = string.Join(", ", records.Select(record => record.Seed).Distinct().Order());
        return constants;
    }

    /// <summary>A sentence where records of one benchmark and model differ in where or with what they ran: their times and last
    /// digits may not compare. Empty where they do not; the command line may differ, it changes no result.</summary>
    public static string Differences(IReadOnlyList<RunRecord> records)
    {
        var differing = Shared(records, record => record.Provenance)
            .Where(fact => fact.Values.Count > 1 && fact.Key != Provenance.Command)
            .Select(fact => $"{fact.Key} ({(fact.Values.Count > MostValuesShown ? $"{fact.Values.Count} values" : string.Join("; ", fact.Values.Select(Short)))})")
            .ToList();
        return differing.Count == 0 ? "" : $"Not the same in all runs: {string.Join(", ", differing)}.";
    }

    /// <summary>A hash as it is shown; anything else as it is.</summary>
    public static string Short(string value) =>
        value.Length >= 40 && value.All(char.IsAsciiHexDigit) ? value[..ShortHash] : value;

    private static IEnumerable<KeyValuePair<string, string>> Facts(RunRecord record) => record.Settings.Concat(record.Provenance).DistinctBy(fact => fact.Key);

    /// <summary>The distinct values of every key that all records have; a plugin's hash is only in the records of its strategy.</summary>
    private static IEnumerable<(string Key, IReadOnlyList<string> Values)> Shared(
        IReadOnlyList<RunRecord> records, Func<RunRecord, IEnumerable<KeyValuePair<string, string>>> facts) =>
        records.SelectMany(facts)
            .GroupBy(fact => fact.Key, fact => fact.Value)
            .Where(values => values.Count() == records.Count || values.Key.StartsWith(Provenance.PluginPrefix))
            .OrderBy(values => values.Key, StringComparer.Ordinal)
            .Select(values => (values.Key, (IReadOnlyList<string>)[.. values.Distinct().Order(StringComparer.Ordinal)]));
}
