using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KdMtlBench.Host.Options;

/// <summary>Makes a tree of <see cref="YamlValue"/> from a text.</summary>
/// <remarks>Built on the parser's events: YamlDotNet's own tree stops at the first duplicate key, and an alias to the
/// mapping around it would send it into endless recursion.</remarks>
internal sealed class YamlReader
{
    /// <summary>A sweep needs 5.</summary>
    private const int MaxDepth = 16;

    private const string MergeKey = "<<";

    private readonly IParser _parser;
    private readonly Mistakes _mistakes;
    private readonly Dictionary<AnchorName, YamlValue> _anchors = [];

    private readonly Place? _everywhere;

    private YamlReader(string text, Mistakes mistakes, Place? everywhere)
    {
        _parser = new Parser(new StringReader(text));
        _mistakes = mistakes;
        _everywhere = everywhere;
    }

    /// <summary>The one document of the text; null where it is empty or not YAML. Duplicate keys, tabs and syntax
    /// errors are added to the mistakes.</summary>
    /// <param name="text">All of it.</param>
    /// <param name="mistakes">Where all that is wrong is noted.</param>
    /// <param name="everywhere">The place of everything in a text that is no file's; null for places in the text.</param>
    public static YamlValue? Read(string text, Mistakes mistakes, Place? everywhere = null)
    {
        FindTabs(text, mistakes);
        return new YamlReader(text, mistakes, everywhere).TryDocument();
    }

    private static void FindTabs(string text, Mistakes mistakes)
    {
        foreach (var (index, line) in text.Split('\n').Index())
        {
            var content = line.TrimStart(' ');
            if (content.StartsWith('\t') && !string.IsNullOrWhiteSpace(content))
                mistakes.Add(new Place(index + 1, line.Length - content.Length + 1), "a tab in the indentation; YAML takes spaces only");
        }
    }

    private YamlValue? TryDocument()
    {
        try
        {
            return Document();
        }
        catch (YamlException e)
        {
            _mistakes.Add(At(e.Start == Mark.Empty ? LastMark : e.Start), $"not valid YAML: {e.Message.TrimEnd('.')}");
        }
        catch (InvalidOperationException) // thrown by the scanner where a line in brackets starts left of them
        {
            _mistakes.Add(At(LastMark), "not valid YAML: a bracket here or above is not closed");
        }
        return null;
    }

    /// <summary>The end of what was read last; not every error of the scanner says where it is.</summary>
    private Mark LastMark => _parser.Current?.End ?? Mark.Empty;

    private YamlValue? Document()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
            return null;
        var root = Value(depth: 0);
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
            _mistakes.Add(At(second.Start), "a second document starts here; one file holds one");
        return root;
    }

    private YamlValue Value(int depth)
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
            return _anchors.GetValueOrDefault(alias.Value)
                ?? throw new YamlException(alias.Start, alias.End, $"nothing above is marked &{alias.Value}");
        var node = _parser.Consume<NodeEvent>();
        if (depth == MaxDepth)
            throw new YamlException(node.Start, node.End, $"nested more than {MaxDepth} deep");
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
            _mistakes.Add(At(node.Start), $"the tag {Wording.Quote(node.Tag.Value)} has no meaning here; leave it out");
        YamlValue value = node switch
        {
            MappingStart => Map(node, depth),
            SequenceStart => List(At(node.Start), depth),
            _ => Scalar((Scalar)node),
        };
        if (!node.Anchor.IsEmpty)
            _anchors[node.Anchor] = value;
        return value;
    }

    private YamlScalar Scalar(Scalar scalar) => new(At(scalar.Start), scalar.Value, scalar.Style != ScalarStyle.Plain);

    private YamlList List(Place place, int depth)
    {
        var items = new List<YamlValue>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(Value(depth + 1));
        return new YamlList(place, items);
    }

    private YamlMap Map(NodeEvent start, int depth)
    {
        var entries = new Dictionary<string, YamlEntry>();
        var merged = new List<YamlEntry>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Value(depth + 1);
            var value = Value(depth + 1);
            if (key is YamlScalar { Text: MergeKey, Quoted: false })
                merged.AddRange(Merged(key.Place, value));
            else if (key is not YamlScalar name)
                _mistakes.Add(key.Place, "a key is a single word, not a list or a mapping");
            else if (!entries.TryAdd(name.Text, new YamlEntry(name, value)))
                _mistakes.Add(name.Place, $"the key {Wording.Quote(name.Text)} stands here for the second time; the first is in line {entries[name.Text].Key.Place.Line}");
        }
        foreach (var entry in merged)
            entries.TryAdd(entry.Key.Text, entry); // what the mapping says itself, or an earlier one, stands

        // `[a: 1]` holds a mapping without a mark of its own.
        return new YamlMap(merged.Count > 0 ? At(start.Start) : entries.Values.FirstOrDefault()?.Key.Place ?? At(start.Start), [.. entries.Values]);
    }

    /// <summary>The entries that <c>&lt;&lt;: *name</c> or <c>&lt;&lt;: [*name, *other]</c> brings into a mapping.</summary>
    private IEnumerable<YamlEntry> Merged(Place place, YamlValue value)
    {
        var sources = value is YamlList list ? list.Items : [value];
        if (!sources.All(source => source is YamlMap))
            _mistakes.Add(place, $"`{MergeKey}` takes a mapping marked above, as in `{MergeKey}: *name`, or a list of them, not {value.Shown}");
        return sources.OfType<YamlMap>().SelectMany(source => source.Entries);
    }

    private Place At(Mark mark) => _everywhere ?? new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));
}
