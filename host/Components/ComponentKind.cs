using System.Reflection;

namespace KdMtlBench.Host.Components;

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
