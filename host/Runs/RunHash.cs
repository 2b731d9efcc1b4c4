using System.Security.Cryptography;
using System.Text;

namespace KdMtlBench.Host.Runs;

/// <summary>SHA-256, in lower-case hex, of all that determines a run's result: its settings, the code, the data, the device and the versions below.</summary>
/// <remarks>Two runs with the same hash end with the same bytes. That of a network that a run learns from is the same one, and is kept in its file.</remarks>
internal static class RunHash
{
    public static string Of(RunRecord record) => Of(record.Settings, record.Provenance);

    /// <param name="settings">Every setting of the run.</param>
    /// <param name="provenance">Every fact about it; those that only change what it costs do not count.</param>
    public static string Of(IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string> provenance)
    {
        var facts = Sorted(settings).Concat(Sorted(provenance).Where(fact => Provenance.DeterminesResult(fact.Key)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(facts.Select(fact => $"{fact.Key}={fact.Value}\n")))));
    }

    private static IEnumerable<KeyValuePair<string, string>> Sorted(IReadOnlyDictionary<string, string> values) => values.OrderBy(value => value.Key, StringComparer.Ordinal);
}
