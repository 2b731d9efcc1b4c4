namespace KdMtlBench.Host.Options;

/// <summary>Collects what is wrong with a file, so that all of it can be said at once.</summary>
/// <param name="file">As the user named it.</param>
public sealed class Mistakes(string file)
{
    private readonly List<(Place Place, string Sentence)> _found = [];

    /// <summary>How many were noted so far.</summary>
    public int Count => _found.Count;

    /// <summary>Notes a mistake.</summary>
    public void Add(Place place, string sentence) => _found.Add((place, Wording.OneLine(sentence)));

    /// <summary><c>file:line: sentence</c>, in the order of the file, none twice.</summary>
    public IReadOnlyList<string> Lines => [.. _found.Distinct()
        .OrderBy(mistake => mistake.Place.Line).ThenBy(mistake => mistake.Place.Column).ThenBy(mistake => mistake.Sentence, StringComparer.Ordinal)
        .Select(mistake => Locate(mistake.Place, mistake.Sentence))];

    /// <summary><c>file:line: sentence</c>, which editors and terminals make a link of.</summary>
    public string Locate(Place place, string sentence) => $"{file}:{place.Line}: {sentence}";

    /// <summary>All <see cref="Lines"/> as one message.</summary>
    public InputException Exception() => new(string.Join('\n', Lines));
}
