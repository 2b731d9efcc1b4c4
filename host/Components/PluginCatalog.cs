namespace KdMtlBench.Host.Components;

/// <summary>What a sweep can name: what the host holds itself and what was found in plugin folders.</summary>
/// <param name="Strategies">All of them plugins.</param>
/// <param name="Benchmarks">The host's own and plugins.</param>
/// <param name="Models">The host's own and plugins.</param>
/// <param name="Problems">What was wrong with some folders, one sentence each; a sweep that does not need them runs all the same.</param>
public sealed record PluginCatalog(Catalog Strategies, Catalog Benchmarks, Catalog Models, IReadOnlyList<string> Problems)
{
    /// <summary>Looks through the folders inside each of the roots; a new folder with a DLL needs no entry anywhere.</summary>
    /// <param name="roots">Folders of plugin folders; one that does not exist is a problem of its own.</param>
    /// <param name="given">The same, named by the user: one without a plugin is a problem too, and what is in it goes before what is in the others.</param>
    public static PluginCatalog Load(IEnumerable<string> roots, IEnumerable<string>? given = null)
    {
        var problems = new List<string>();
        var found = new List<Found>();
        string[] byUser = [.. (given ?? []).Select(Path.TrimEndingDirectorySeparator).Distinct()];
        foreach (var root in byUser.Concat(roots.Except(byUser)).Distinct())
        {
            var isGiven = byUser.Contains(root);
            var plugins = PluginsIn(root, isGiven, problems);
            if (isGiven && plugins.Count == 0 && PluginRoot.WhyEmpty(root) is { } why)
                problems.Add(why);
            found.AddRange(plugins);
        }

        return new PluginCatalog(Of(ComponentKind.Strategy), Of(ComponentKind.Benchmark), Of(ComponentKind.Model), problems);

        Catalog Of(ComponentKind kind) => Merged(kind, found.Where(plugin => plugin.Kind == kind), problems);
    }

    /// <summary>The host's own and the plugins of one kind, without those whose id is claimed twice.</summary>
    private static Catalog Merged(ComponentKind kind, IEnumerable<Found> found, List<string> problems)
    {
        var own = Catalog.Own(kind);
        var unique = own.Entries.ToList();
        foreach (var claiming in found.GroupBy(plugin => plugin.Entry.Id, StringComparer.Ordinal))
        {
            var sameId = WithoutCopies(claiming, problems);
            var claims = string.Join(" and ", sameId.Select(plugin => $"{plugin.Entry.Type.Name} in {plugin.Folder}"));
            if (own.Find(claiming.Key) is not null)
                problems.Add($"the id `{claiming.Key}` is claimed by {claims}, but the host itself holds a {kind.Name} of that name; give the plugin another id");
            else if (sameId.Count > 1)
                problems.Add($"the id `{claiming.Key}` is claimed by {claims}; none of them is loaded: remove or rename all but one");
            else
                unique.Add(sameId[0].Entry);
        }

        return new Catalog(kind.Name, unique);
    }

    /// <summary>Without the same file in another folder, and without what the user has put another plugin in the place of.</summary>
    private static List<Found> WithoutCopies(IGrouping<string, Found> claiming, List<string> problems)
    {
        var different = claiming.DistinctBy(plugin => (plugin.Entry.FileSha256, plugin.Entry.Type.FullName)).ToList();
        if (!different.Exists(plugin => plugin.Given) || different.TrueForAll(plugin => plugin.Given))
            return different;
        var given = different.FindAll(plugin => plugin.Given);
        problems.AddRange(different.Where(plugin => !plugin.Given).Select(plugin =>
            $"`{claiming.Key}` is the one in {given[0].Folder}, which --plugins gives, and not the one in {plugin.Folder}"));
        return given;
    }

    private static List<Found> PluginsIn(string root, bool given, List<string> problems)
    {
        var found = new List<Found>();
        if (!Directory.Exists(root))
            problems.Add($"{root}: no such folder of plugins");
        string[] folders = Directory.Exists(root) ? Directory.GetDirectories(root) : [];
        foreach (var folder in folders.Order(StringComparer.Ordinal))
        {
            try
            {
                if (PluginFolder.FindDll(folder) is { } dll)
                    found.AddRange(PluginFolder.Load(dll).Select(plugin => new Found(folder, plugin.Kind, plugin.Entry, given)));
            }
            catch (PluginException e)
            {
                problems.Add(e.Message);
            }
        }

        return found;
    }

    private sealed record Found(string Folder, ComponentKind Kind, CatalogEntry Entry, bool Given);
}
