namespace KdMtlBench.Host.Options;

/// <summary>Where something stands in a file.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public sealed record Place(int Line, int Column);

/// <summary>A value of a YAML file and where it stands.</summary>
public abstract record YamlValue(Place Place)
{
    /// <summary>For messages that say what stands in the file.</summary>
    public abstract string Shown { get; }
}

/// <summary>A single value; not yet a number or a word.</summary>
public sealed record YamlScalar(Place Place, string Text, bool Quoted) : YamlValue(Place)
{
    /// <summary>Nothing at all, <c>~</c> or <c>null</c>.</summary>
    public bool IsNull => !Quoted && Text is ("" or "~" or "null");

    public override string Shown => IsNull ? "nothing" : Wording.Quote(Text);
}

public sealed record YamlList(Place Place, IReadOnlyList<YamlValue> Items) : YamlValue(Place)
{
    public override string Shown => Items.Count == 0 ? "an empty list" : "a list";
}

public sealed record YamlEntry(YamlScalar Key, YamlValue Value);

/// <summary>Keys and values in the order of the file; no key twice.</summary>
public sealed record YamlMap(Place Place, IReadOnlyList<YamlEntry> Entries) : YamlValue(Place)
{
    public override string Shown => Entries.Count == 0 ? "an empty mapping" : $"a mapping with the key {Wording.Quote(Entries[0].Key.Text)}";

    public YamlMap Without(YamlEntry one) => this with { Entries = [.. Entries.Where(entry => entry != one)] };

    public YamlEntry? Find(string key) => Entries.FirstOrDefault(entry => entry.Key.Text == key);
}
