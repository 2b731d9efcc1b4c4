namespace KdMtlBench.Host.Results;

/// <summary>What records have in common, and where they ran differently.</summary>
internal static class RecordFacts
{
    private const int ShortHash = 12;
    private const int MostValuesShown = 3;

    /// <summary>Settings and provenance that every record has with the same value, and the seeds; hashes shortened.</summary>
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

    /// <summary>What was tuned, and a sentence where runs of the sweep differ in where or with what they ran: their times and last digits may not compare.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyList<RunRecord> records)
    {
        var differing = Shared(records, record => record.Provenance)
            .Where(fact => fact.Values.Count > 1)
            .Select(fact => $"{fact.Key} ({(fact.Values.Count > MostValuesShown ? $"{fact.Values.Count} values" : string.Join("; ", fact.Values.Select(Short)))})")
            .ToList();
        return [.. TuningNote.Of(records), .. differing.Count == 0 ? Array.Empty<string>() : [$"Not the same in all runs: {string.Join(", ", differing)}."]];
    }

    private static IEnumerable<KeyValuePair<string, string>> Facts(RunRecord record) => record.Settings.Concat(record.Provenance).DistinctBy(fact => fact.Key);

    /// <summary>The distinct values of every key that all records have.</summary>
    private static IEnumerable<(string Key, IReadOnlyList<string> Values)> Shared(
        IReadOnlyList<RunRecord> records, Func<RunRecord, IEnumerable<KeyValuePair<string, string>>> facts) =>
        records.SelectMany(facts)
            .GroupBy(fact => fact.Key, fact => fact.Value)
            .Where(values => values.Count() == records.Count)
            .OrderBy(values => values.Key, StringComparer.Ordinal)
            .Select(values => (values.Key, (IReadOnlyList<string>)[.. values.Distinct().Order(StringComparer.Ordinal)]));

    private static string Short(string value) =>
        value.Length >= 40 && value.All(char.IsAsciiHexDigit) ? value[..ShortHash] : value;
}
