namespace KdMtlBench.Host.Options;

/// <summary>Collects what is wrong with a file, so that all of it can be said at once.</summary>
/// <param name="file">As the user named it.</param>
/// <param name="commandLine">What was given there for the file; a <see cref="Place"/> in it is <see cref="OnCommandLine"/>.</param>
public sealed class Mistakes(string file, IReadOnlyList<string>? commandLine = null)
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

    /// <summary>The place of what was given as the n-th thing on the command line, counted from 0.</summary>
    public static Place OnCommandLine(int n) => new(-1 - n, 1);

    /// <summary><c>file:line: sentence</c>, which editors and terminals make a link of, or <c>--set key=value: sentence</c>.</summary>
    public string Locate(Place place, string sentence) =>
        place.Line < 0 && commandLine is not null ? $"{commandLine[-1 - place.Line]}: {sentence}" : $"{file}:{place.Line}: {sentence}";

    /// <summary>All <see cref="Lines"/> as one message.</summary>
    public InputException Exception() => new(string.Join('\n', Lines));
}
