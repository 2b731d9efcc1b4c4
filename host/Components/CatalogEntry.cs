using System.Reflection;

namespace KdMtlBench.Host.Components;

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
