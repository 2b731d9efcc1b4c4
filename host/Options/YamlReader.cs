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

    private readonly IParser _parser;
    private readonly Mistakes _mistakes;
    private readonly Dictionary<AnchorName, YamlValue> _anchors = [];

    private YamlReader(string text, Mistakes mistakes)
    {
        _parser = new Parser(new StringReader(text));
        _mistakes = mistakes;
    }

    /// <summary>The one document of the text; null where it is empty or not YAML. Duplicate keys, tabs and syntax
    /// errors are added to the mistakes.</summary>
    public static YamlValue? Read(string text, Mistakes mistakes)
    {
        FindTabs(text, mistakes);
        return new YamlReader(text, mistakes).TryDocument();
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

    private static YamlScalar Scalar(Scalar scalar) => new(At(scalar.Start), scalar.Value, scalar.Style != ScalarStyle.Plain);

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
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Value(depth + 1);
            var value = Value(depth + 1);
            if (key is not YamlScalar name)
                _mistakes.Add(key.Place, "a key is a single word, not a list or a mapping");
            else if (!entries.TryAdd(name.Text, new YamlEntry(name, value)))
                _mistakes.Add(name.Place, $"the key {Wording.Quote(name.Text)} stands here for the second time; the first is in line {entries[name.Text].Key.Place.Line}");
        }
        // `[a: 1]` holds a mapping without a mark of its own.
        return new YamlMap(entries.Values.FirstOrDefault()?.Key.Place ?? At(start.Start), [.. entries.Values]);
    }

    private static Place At(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));
}
