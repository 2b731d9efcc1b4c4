using KdMtlBench.Host.Options;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>What the command line puts in the place of parts of a sweep file, and where the runs go then.</summary>
/// <remarks>Done to the file's tree before it is read: everything is checked as if it stood in the file.</remarks>
/// <param name="Seeds"><c>3</c> or <c>1,2,5</c>, as in a file; null for the file's.</param>
/// <param name="Strategies">Ids, a composition as <c>uncertainty+pcgrad</c>; null for the file's.</param>
/// <param name="Settings"><c>training.epochs=3</c>, one each.</param>
/// <param name="Output">Folder of the runs; null for the file's.</param>
public sealed record SweepOverrides(string? Seeds, string? Strategies, IReadOnlyList<string> Settings, string? Output)
{
    private const string SeedsKey = "seeds";
    private const string StrategiesKey = "strategies";

    public static SweepOverrides None { get; } = new(null, null, [], null);

    /// <summary>Folder of the runs; null for the file's.</summary>
    public string? Output { get; } = Output is null ? null : Path.GetFullPath(Output);

    /// <summary>As they were typed, for messages.</summary>
    internal IReadOnlyList<string> Given { get; } =
    [
        .. Seeds is null ? Array.Empty<string>() : ["--seeds " + Seeds],
        .. Strategies is null ? Array.Empty<string>() : ["--strategies " + Strategies],
        .. Settings.Select(setting => "--set " + setting),
    ];

    /// <exception cref="InputException">Runs of other settings would take the place of the file's own.</exception>
    public void RequireOutput()
    {
        if (Output is null && Given.Count > 0)
            throw new InputException($"{Given[0]}: runs that differ from the sweep file need a folder of their own; give it with --output DIR");
    }

    /// <summary>The tree with everything in its place; what cannot be put there is a mistake.</summary>
    internal YamlMap Apply(YamlMap map, Mistakes mistakes)
    {
        var n = 0;
        if (Seeds is { } seeds)
        {
            var place = Mistakes.OnCommandLine(n++);
            map = With(map, SeedsKey, seeds.Contains(',') ? new YamlList(place, [.. Numbers(seeds, place)]) : Scalar(place, seeds.Trim()), place);
        }

        if (Strategies is { } strategies)
        {
            var place = Mistakes.OnCommandLine(n++);
            var listed = map.Find(StrategiesKey)?.Value is YamlList list ? list.Items : [];
            map = With(map, StrategiesKey, new YamlList(place, [.. strategies.Split(',', Split).SelectMany(name => Named(name, listed, place))]), place);
        }

        foreach (var setting in Settings)
            map = Set(map, setting, Mistakes.OnCommandLine(n++), mistakes);
        return map;
    }

    private const StringSplitOptions Split = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    private static IEnumerable<YamlValue> Numbers(string text, Place place) => text.Split(',', Split).Select(number => Scalar(place, number));

    /// <summary>The file's entries of that name with their options; where it has none, the strategy with its defaults.</summary>
    private static IReadOnlyList<YamlValue> Named(string name, IReadOnlyList<YamlValue> listed, Place place)
    {
        var ids = name.Split('+', Split);
        var found = listed.Where(item => Ids(item).SequenceEqual(ids)).ToList();
        return found.Count > 0 ? found : ids.Length == 1 ? [Scalar(place, name)] : [new YamlList(place, [.. ids.Select(id => Scalar(place, id))])];
    }

    private static IEnumerable<string> Ids(YamlValue item) => (item is YamlList list ? list.Items : [item]).Select(part => part switch
    {
        YamlScalar scalar => scalar.Text,
        YamlMap { Entries: [var entry] } => entry.Key.Text,
        _ => "",
    });

    private static YamlMap Set(YamlMap map, string setting, Place place, Mistakes mistakes)
    {
        if (setting.Split('=', 2) is not [{ Length: > 0 } path, var text])
        {
            mistakes.Add(place, "give a key and its value, as in --set training.epochs=3");
            return map;
        }

        var before = mistakes.Count;
        var value = YamlReader.Read(text, mistakes, place) ?? Scalar(place, "");
        return mistakes.Count > before ? map : (YamlMap)(Set(map, path.Split('.'), value, place, mistakes) ?? map);
    }

    /// <summary>The node with the value at the path below it; null where there is no such place, which has been noted.</summary>
    private static YamlValue? Set(YamlValue? node, ReadOnlySpan<string> path, YamlValue value, Place place, Mistakes mistakes)
    {
        if (path.Length == 0)
            return value;
        var key = path[0];
        switch (node)
        {
            case null or YamlScalar { IsNull: true }:
                return Set(new YamlMap(place, []), path, value, place, mistakes);
            case YamlMap map:
                return Set(map.Find(key)?.Value, path[1..], value, place, mistakes) is { } below ? With(map, key, below, place) : null;
            case YamlScalar scalar when scalar.Text == key: // an id without options
                return Set(new YamlMap(place, []), path, value, place, mistakes);
            case YamlList list when list.Items.Any(item => Names(item, key)):
                var items = new List<YamlValue>();
                foreach (var item in list.Items)
                    items.Add(Names(item, key) ? Set(item, path, value, place, mistakes) ?? item : item);
                return list with { Items = items };
            default:
                mistakes.Add(place, $"there is no {Wording.Quote(key)} in this sweep; what stands there is {node.Shown}");
                return null;
        }
    }

    private static bool Names(YamlValue item, string key) => item switch
    {
        YamlScalar scalar => scalar.Text == key,
        YamlMap map => map.Find(key) is not null,
        YamlList list => list.Items.Any(part => Names(part, key)),
        _ => false,
    };

    private static YamlMap With(YamlMap map, string key, YamlValue value, Place place) => map.Find(key) is { } old
        ? map with { Entries = [.. map.Entries.Select(entry => entry == old ? entry with { Value = value } : entry)] }
        : map with { Place = place, Entries = [.. map.Entries, new YamlEntry(Scalar(place, key), value)] };

    private static YamlScalar Scalar(Place place, string text) => new(place, text, Quoted: false);
}
