using KdMtlBench.Host.Components;
using KdMtlBench.Host.Downloads;
using KdMtlBench.Host.Performance.Peers;

namespace KdMtlBench.Host.Commands.Doctor;

/// <summary>Plugins, data sets, and the PyTorch that <c>kdmtl peers</c> compares with.</summary>
internal static class ComponentFindings
{
    public static IEnumerable<Finding> Of(PluginCatalog plugins, string? dataRoot)
    {
        var (strategies, benchmarks, models) = (plugins.Strategies.Entries.Count(), plugins.Benchmarks.Entries.Count(),
            plugins.Models.Entries.Count());
        var found = $"{strategies} strategies, {benchmarks} benchmarks, {models} models";
        yield return strategies > 0
            ? Finding.Good("plugins", found)
            : Finding.Missing("plugins", found, "build the solution, or name the folders of plugins by --plugins or KDMTL_PLUGINS");
        foreach (var problem in plugins.Problems)
            yield return Finding.Note("plugins", problem);
        foreach (var known in KnownData.Of(plugins.Benchmarks))
            yield return Data(known, dataRoot);
        yield return PeerProcess.FindPython(null) is var (python, version)
            ? Finding.Good("PyTorch", $"{version} in {python}, for kdmtl peers")
            : Finding.Note("PyTorch", "none", "only kdmtl peers needs it: install PyTorch (Debian: apt-get install python3-torch)");
    }

    private static Finding Data(KnownData known, string? root)
    {
        var users = string.Join(", ", known.Users.Select(user => user.Benchmark).Distinct());
        return DataCommand.Place(root, known.Set) is { } place
            ? Finding.Good("data", $"{known.Set.Title} in {place}, for {users}")
            : Finding.Note("data", $"{known.Set.Title} is not here, for {users} only", DataCommand.HowToGet(known));
    }
}
