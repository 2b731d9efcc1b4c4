namespace KdMtlBench.Host.Plugins;

/// <summary>What a sweep can name: what the host holds itself and what was found in plugin folders.</summary>
/// <param name="Strategies">All of them plugins.</param>
/// <param name="Benchmarks">The host's own and plugins.</param>
/// <param name="Models">The host's own and plugins.</param>
/// <param name="Problems">What was wrong with some folders, one sentence each; a sweep that does not need them runs all the same.</param>
public sealed record PluginCatalog(Catalog Strategies, Catalog Benchmarks, Catalog Models, IReadOnlyList<string> Problems)
{
    /// <summary>Looks through the folders inside each of the roots; a new folder with a DLL needs no entry anywhere.</summary>
    /// <param name="roots">Folders of plugin folders; one that does not exist is a problem of its own.</param>
    public static PluginCatalog Load(IEnumerable<string> roots)
    {
        var problems = new List<string>();
        var found = new List<Found>();
        foreach (var folder in roots.Distinct().SelectMany(root => FoldersIn(root, problems)))
        {
            try
            {
                if (PluginFolder.FindDll(folder) is { } dll)
                    found.AddRange(PluginFolder.Load(dll).Select(plugin => new Found(folder, plugin.Kind, plugin.Entry)));
            }
            catch (PluginException e)
            {
                problems.Add(e.Message);
            }
        }

        return new PluginCatalog(Of(ComponentKind.Strategy), Of(ComponentKind.Benchmark), Of(ComponentKind.Model), problems);

        Catalog Of(ComponentKind kind) => Merged(kind, found.Where(plugin => plugin.Kind == kind), problems);
    }

    /// <summary>The host's own and the plugins of one kind, without those whose id is claimed twice.</summary>
    private static Catalog Merged(ComponentKind kind, IEnumerable<Found> found, List<string> problems)
    {
        var own = Catalog.Own(kind);
        var unique = own.Entries.ToList();
        foreach (var sameId in found.GroupBy(plugin => plugin.Entry.Id, StringComparer.Ordinal))
        {
            var claims = string.Join(" and ", sameId.Select(plugin => $"{plugin.Entry.Type.Name} in {plugin.Folder}"));
            if (own.Find(sameId.Key) is not null)
                problems.Add($"the id `{sameId.Key}` is claimed by {claims}, but the host itself holds a {kind.Name} of that name; give the plugin another id");
            else if (sameId.Count() > 1)
                problems.Add($"the id `{sameId.Key}` is claimed by {claims}; none of them is loaded: remove or rename all but one");
            else
                unique.Add(sameId.Single().Entry);
        }

        return new Catalog(kind.Name, unique);
    }

    private static IEnumerable<string> FoldersIn(string root, List<string> problems)
    {
        if (Directory.Exists(root))
            return Directory.GetDirectories(root).Order(StringComparer.Ordinal);
        problems.Add($"{root}: no such folder of plugins");
        return [];
    }

    private sealed record Found(string Folder, ComponentKind Kind, CatalogEntry Entry);
}
