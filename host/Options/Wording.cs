using System.Text.Json;

namespace KdMtlBench.Host.Options;

/// <summary>How messages quote, suggest and enumerate.</summary>
internal static class Wording
{
    /// <summary><c>LearningRate</c> → <c>learning-rate</c>.</summary>
    public static string Kebab(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    /// <summary>In backticks; long texts are cut.</summary>
    public static string Quote(string text) => text.Length > 60 ? $"`{text[..59]}…`" : $"`{text}`";

    /// <summary>Line breaks and other control characters become spaces.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    /// <summary><c>unknown option `temprature` of `dwa` (known: temperature); did you mean `temperature`?</c></summary>
    /// <param name="what">What is unknown, the quoted word in it.</param>
    /// <param name="word">The word alone.</param>
    /// <param name="known">All that would have been right.</param>
    public static string Unknown(string what, string word, IReadOnlyCollection<string> known) =>
        $"unknown {what} ({(known.Count == 0 ? "there are none" : "known: " + string.Join(", ", known))}){Suggest(word, known)}";

    /// <summary><c>; did you mean `…`?</c> where something is near enough, else nothing.</summary>
    public static string Suggest(string word, IEnumerable<string> known) =>
        Nearest(word, known) is { } nearest ? $"; did you mean `{nearest}`?" : "";

    /// <summary>The candidate with the smallest edit distance, letter case and hyphens aside; null where none shares two
    /// thirds of its letters.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates) => candidates
        .Select(candidate => (Candidate: candidate, Distance: EditDistance(Letters(word), Letters(candidate))))
        .Where(near => near.Distance <= (Math.Max(word.Length, near.Candidate.Length) + 1) / 3)
        .OrderBy(near => near.Distance).ThenBy(near => near.Candidate, StringComparer.Ordinal)
        .FirstOrDefault().Candidate;

    private static string Letters(string word) => word.ToLowerInvariant().Replace("-", "").Replace("_", "");

    /// <summary>Levenshtein: insertions, deletions and replacements that turn one word into the other.</summary>
    internal static int EditDistance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[to.Length];
    }
}
