namespace KdMtlBench.Host.Sweeps;

/// <summary>Where other sweeps are.</summary>
internal static class SweepFolders
{
    /// <summary>The other folders in the folder of a sweep's that hold a sweep.yaml, sorted by name.</summary>
    public static IReadOnlyList<string> Beside(string sweepFolder)
    {
        var own = Path.TrimEndingDirectorySeparator(Path.GetFullPath(sweepFolder));
        return Path.GetDirectoryName(own) is not { } results ? [] : [.. Directory.GetDirectories(results)
            .Where(folder => folder != own && File.Exists(Path.Combine(folder, "sweep.yaml")))
            .Order(StringComparer.Ordinal)];
    }
}
