using KdMtlBench.Host.Components;

namespace KdMtlBench.Host.Downloads;

/// <summary>A data set and the benchmarks that read it.</summary>
/// <param name="Need">The first benchmark's.</param>
/// <param name="Users">The benchmarks' ids, with the option that asks for it where the defaults do not.</param>
internal sealed record KnownData(DataNeed Need, IReadOnlyList<(string Benchmark, string? Under)> Users)
{
    public DataSet Set => Need.Set;

    /// <summary>What benchmarks need, by the set's id; a set that is read in two forms counts as two.</summary>
    public static IReadOnlyList<KnownData> Of(Catalog benchmarks) =>
        [.. from entry in benchmarks.Entries
            from need in NeedsOf(entry)
            group (entry, need) by (need.Set.Id, need.Set.Title) into sameSet
            orderby sameSet.Key
            select new KnownData(sameSet.First().need, [.. sameSet.Select(user => (user.entry.Id, user.need.Under))])];

    /// <summary>What one benchmark needs; nothing where it makes its data itself.</summary>
    public static IReadOnlyList<DataNeed> NeedsOf(CatalogEntry benchmark)
    {
        if (!typeof(INeedsData).IsAssignableFrom(benchmark.Type))
            return [];
        var defaults = benchmark.OptionsType is { } options ? Activator.CreateInstance(options) : null;
        try
        {
            return ((INeedsData)benchmark.Create(defaults)).Data;
        }
#pragma warning disable CA1031 // a plugin's constructor may throw anything
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw new InputException($"the benchmark `{benchmark.Id}` cannot be made with its defaults: {e.GetType().Name}: {e.Message}");
        }
    }
}
