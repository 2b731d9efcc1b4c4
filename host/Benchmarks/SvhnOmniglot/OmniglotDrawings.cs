using System.Text.RegularExpressions;
using KdMtlBench.Host.Formats;

namespace KdMtlBench.Host.Benchmarks.SvhnOmniglot;

/// <summary>A drawing of a character.</summary>
/// <param name="Alphabet">As its folder is called: <c>Early_Aramaic</c>.</param>
/// <param name="Character">Within the alphabet: <c>character01</c>.</param>
/// <param name="Drawer">1 to 20: who drew it, the same hand in all of an alphabet.</param>
/// <param name="Pixels">[105, 105], ink 0, paper 255.</param>
internal sealed record Drawing(string Alphabet, string Character, int Drawer, byte[] Pixels);

/// <summary>Omniglot, read from its zips without unpacking them.</summary>
internal static partial class OmniglotDrawings
{
    public const int Side = 105;

    public const int Drawers = 20;

    private const int MostBytes = 1 << 16;

    private static readonly string[] _whole = ["images_background.zip", "images_evaluation.zip"];

    private static readonly string[] _parts = ["images_background_small1.zip", "images_background_small2.zip"];

    /// <summary>The first of the zips; the others are used where they lie beside it.</summary>
    public static DataSet Files { get; } = new("omniglot", "Omniglot",
        "images_background.zip and images_evaluation.zip from https://github.com/brendenlake/omniglot/tree/master/python",
        [[_whole[0], .. _parts]]);

    /// <summary>The zips that are there: the two whole ones, or else the small parts of the first.</summary>
    public static IReadOnlyList<string> Zips(string? dataRoot)
    {
        var first = DataRoot.Locate(dataRoot, Files)[0];
        var names = _whole.Contains(Path.GetFileName(first)) ? _whole : _parts;
        return [.. names.Select(name => Path.Combine(Path.GetDirectoryName(first)!, name)).Where(File.Exists)];
    }

    /// <summary>All drawings, in the order of alphabets, characters and drawers; decoded in parallel.</summary>
    /// <param name="zips">A drawing that is in several of them counts once.</param>
    /// <param name="alphabets">Only these; empty for all.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <exception cref="InputException">A zip or a drawing is bad, an alphabet is missing, or a character lacks a drawer.</exception>
    public static IReadOnlyList<Drawing> Read(IReadOnlyList<string> zips, IReadOnlyCollection<string> alphabets, CancellationToken cancellation)
    {
        var files = zips
            .SelectMany(zip => ZipFolder.Read(zip, path => DrawingPath().IsMatch(path), MostBytes).Select(file => (Zip: zip, File: file, Match: DrawingPath().Match(file.Path))))
            .Where(file => alphabets.Count == 0 || alphabets.Contains(file.Match.Groups["alphabet"].Value))
            .DistinctBy(file => file.Match.Groups["within"].Value)
            .OrderBy(file => file.Match.Groups["within"].Value, StringComparer.Ordinal)
            .ToList();
        var found = files.Select(file => file.Match.Groups["alphabet"].Value).ToHashSet(StringComparer.Ordinal);
        if (alphabets.FirstOrDefault(alphabet => !found.Contains(alphabet)) is { } missing)
            throw new InputException($"{string.Join(" and ", zips)}: the alphabet {missing} is not in it; alphabets are named as their folders are");

        var drawings = new Drawing[files.Count];
        Parallel.For(0, files.Count, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            var (zip, file, match) = files[i];
            drawings[i] = new Drawing(
                match.Groups["alphabet"].Value, match.Groups["character"].Value, int.Parse(match.Groups["drawer"].Value), Decode(zip, file));
        });
        CheckDrawers(zips, drawings);
        return drawings;
    }

    private static byte[] Decode(string zip, ZippedFile file)
    {
        var image = PngImage.Read($"{zip}: {file.Path}", file.Content);
        return image is { Width: Side, Height: Side, Channels: 1, Bits: 8 } ? image.Samples
            : throw Faults.In($"{zip}: {file.Path}", $"{image.Width}×{image.Height} pixels of {image.Channels} channels, expected {Side}×{Side} in grey");
    }

    private static void CheckDrawers(IReadOnlyList<string> zips, Drawing[] drawings)
    {
        if (drawings.Length == 0)
            throw Faults.In(string.Join(" and ", zips), "there is no drawing like Alphabet/character01/0001_01.png in it");
        foreach (var character in drawings.GroupBy(drawing => (drawing.Alphabet, drawing.Character)))
        {
            var drawers = character.Select(drawing => drawing.Drawer).Order();
            if (!drawers.SequenceEqual(Enumerable.Range(1, Drawers)))
                throw Faults.In(string.Join(" and ", zips), $"{character.Key.Alphabet}/{character.Key.Character} is not drawn once by each of {Drawers} drawers");
        }
    }

    [GeneratedRegex("(^|/)(?<within>(?<alphabet>[^/]+)/(?<character>character[0-9]+)/[0-9]+_(?<drawer>[0-9]{1,4})\\.png)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DrawingPath();
}
