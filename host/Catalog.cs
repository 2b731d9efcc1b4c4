using System.Reflection;
using KdMtlBench.Contracts;
using KdMtlBench.Host.Benchmarks;
using KdMtlBench.Host.Models;

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

    /// <summary>The benchmarks that the host holds.</summary>
    public static Catalog Benchmarks() => new("benchmark", Own<BenchmarkAttribute>((type, a) => new(a.Id, a.Title, a.Paper, type)));

    /// <summary>The models that the host holds.</summary>
    public static Catalog Models() => new("model", Own<ModelAttribute>((type, a) => new(a.Id, a.Title, a.Paper, type)));

    private static IEnumerable<CatalogEntry> Own<T>(Func<Type, T, CatalogEntry> entry)
        where T : Attribute =>
        from type in typeof(Catalog).Assembly.GetTypes()
        let attribute = type.GetCustomAttribute<T>()
        where attribute is not null
        select entry(type, attribute);
}
