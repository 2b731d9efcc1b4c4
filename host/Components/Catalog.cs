namespace KdMtlBench.Host.Components;

/// <summary>The entries of one kind, by id.</summary>
public sealed class Catalog
{
    private readonly Dictionary<string, CatalogEntry> _entries = [];

    public Catalog(string kind, IEnumerable<CatalogEntry> entries)
    {
        Kind = kind;
        foreach (var entry in entries)
            _entries.Add(entry.Id, entry);
    }

    /// <summary>What the entries are, for messages: <c>strategy</c>, <c>benchmark</c>, <c>model</c>.</summary>
    public string Kind { get; }

    public IEnumerable<CatalogEntry> Entries => _entries.Values.OrderBy(entry => entry.Id, StringComparer.Ordinal);

    public CatalogEntry? Find(string id) => _entries.GetValueOrDefault(id);

    /// <summary>What the host itself holds of a kind.</summary>
    public static Catalog Own(ComponentKind kind) => new(
        kind.Name,
        typeof(Catalog).Assembly.GetTypes().Where(kind.Includes).Select(type => kind.Describe(type, null)).OfType<CatalogEntry>());
}
