using System.Reflection;

namespace KdMtlBench.Host;

/// <summary>Something a sweep names by id: a strategy, a benchmark or a model, with its options record.</summary>
/// <param name="Id">kebab-case.</param>
/// <param name="Title">In full.</param>
/// <param name="Paper">Authors, venue and year, equation.</param>
/// <param name="Type">The class; its one public constructor takes the options record or nothing.</param>
/// <param name="FileSha256">Of the plugin file it came from; null for what the host holds itself.</param>
public sealed record CatalogEntry(string Id, string Title, string Paper, Type Type, string? FileSha256 = null)
{
    /// <summary>The record the constructor takes, or null where there are no options.</summary>
    public Type? OptionsType { get; } = Type.GetConstructors().SelectMany(c => c.GetParameters()).FirstOrDefault()?.ParameterType;

    /// <summary>Strategies only.</summary>
    public StrategyAttribute? Strategy => Type.GetCustomAttribute<StrategyAttribute>();

    /// <summary>A new instance; an exception of the constructor comes through as itself.</summary>
    public object Create(object? options)
    {
        try
        {
            return Activator.CreateInstance(Type, OptionsType is null ? [] : [options])!;
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            throw e.InnerException;
        }
    }
}

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

/// <summary>One of the kinds of things that a sweep names.</summary>
/// <param name="Name">For messages: <c>benchmark</c>.</param>
/// <param name="Interface">What its classes implement.</param>
/// <param name="AttributeName">What they carry, as it is written: <c>[Benchmark]</c>.</param>
/// <param name="Describe">The entry of a class from a file with this hash; null where it does not carry the attribute.</param>
public sealed record ComponentKind(string Name, Type Interface, string AttributeName, Func<Type, string?, CatalogEntry?> Describe)
{
    public static ComponentKind Strategy { get; } =
        Of<StrategyAttribute>("strategy", typeof(Strategy), attribute => (attribute.Id, attribute.Title, attribute.Paper));

    public static ComponentKind Benchmark { get; } =
        Of<BenchmarkAttribute>("benchmark", typeof(IBenchmark), attribute => (attribute.Id, attribute.Title, attribute.Paper));

    public static ComponentKind Model { get; } =
        Of<ModelAttribute>("model", typeof(IModel), attribute => (attribute.Id, attribute.Title, attribute.Paper));

    public static IReadOnlyList<ComponentKind> All { get; } = [Strategy, Benchmark, Model];

    /// <summary>Whether a class is of this kind.</summary>
    public bool Includes(Type type) => type is { IsClass: true, IsAbstract: false } && Interface.IsAssignableFrom(type);

    private static ComponentKind Of<T>(string name, Type @interface, Func<T, (string Id, string Title, string Paper)> words)
        where T : Attribute =>
        new(name, @interface, $"[{typeof(T).Name[..^nameof(Attribute).Length]}]", (type, sha256) =>
            type.GetCustomAttribute<T>() is { } attribute && words(attribute) is var (id, title, paper) ? new CatalogEntry(id, title, paper, type, sha256) : null);
}
