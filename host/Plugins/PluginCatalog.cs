namespace KdMtlBench.Host.Plugins;

/// <summary>The strategies found in plugin folders, and what was wrong with the folders that gave none.</summary>
/// <param name="Strategies">Ready to be named in a sweep.</param>
/// <param name="Problems">One sentence each; a sweep that does not need the strategy runs all the same.</param>
public sealed record PluginCatalog(Catalog Strategies, IReadOnlyList<string> Problems)
{
    /// <summary>Looks through the folders inside each of the roots; a new folder with a DLL needs no entry anywhere.</summary>
    /// <param name="roots">Folders of plugin folders; one that does not exist is a problem of its own.</param>
    public static PluginCatalog Load(IEnumerable<string> roots)
    {
        var problems = new List<string>();
        var found = new List<(string Folder, CatalogEntry Entry)>();
        foreach (var folder in roots.Distinct().SelectMany(root => FoldersIn(root, problems)))
        {
            try
            {
                if (PluginFolder.FindDll(folder) is { } dll)
                    found.AddRange(PluginFolder.Load(dll).Select(entry => (folder, entry)));
            }
            catch (PluginException e)
            {
                problems.Add(e.Message);
            }
        }

        var unique = new List<CatalogEntry>();
        foreach (var sameId in found.GroupBy(plugin => plugin.Entry.Id, StringComparer.Ordinal))
        {
            if (sameId.Count() == 1)
                unique.Add(sameId.Single().Entry);
            else
                problems.Add($"the id `{sameId.Key}` is claimed by {string.Join(" and ", sameId.Select(plugin => $"{plugin.Entry.Type.Name} in {plugin.Folder}"))}; none of them is loaded: remove or rename all but one");
        }

        return new PluginCatalog(new Catalog("strategy", unique), problems);
    }

    private static IEnumerable<string> FoldersIn(string root, List<string> problems)
    {
        if (Directory.Exists(root))
            return Directory.GetDirectories(root).Order(StringComparer.Ordinal);
        problems.Add($"{root}: no such folder of plugins");
        return [];
    }
}
