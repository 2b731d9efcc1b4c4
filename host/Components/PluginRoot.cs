namespace KdMtlBench.Host.Components;

/// <summary>A folder that is to hold plugin folders.</summary>
internal static class PluginRoot
{
    private const string Expected = "a plugin is a folder NAME with NAME.dll in it, and --plugins takes the folder around it";

    /// <summary>What is wrong with one that exists and gives no plugin: where was looked, and what would be right; null where a folder in it
    /// has its own sentence.</summary>
    public static string? WhyEmpty(string root)
    {
        if (!Directory.Exists(root))
            return null;
        if (Dlls(root) is [var own, ..])
            return $"{root}: holds {Path.GetFileName(own)} itself, so it is a plugin's own folder; {Expected}: give {Path.GetDirectoryName(root)}";
        var folders = Directory.GetDirectories(root).Order(StringComparer.Ordinal).ToList();
        if (folders.Exists(folder => Dlls(folder).Length > 0))
            return null;
        if (folders.Find(folder => Directory.GetDirectories(folder).Any(below => Dlls(below).Length > 0)) is { } deeper)
            return $"{root}: no plugin in it; {Expected}: give {deeper}";
        if (Directory.GetFiles(root, "*.csproj").Length > 0 || folders.Exists(folder => Directory.GetFiles(folder, "*.csproj").Length > 0))
            return $"{root}: holds projects that are not built; {Expected}. Build them, or put their folders into plugins/ of the checkout, which ./run-bench.sh builds";
        var looked = folders.Count == 0 ? "it has no folders" : $"looked in {string.Join(", ", folders.Select(Path.GetFileName))}";
        return $"{root}: no plugin in it ({looked}); {Expected}";
    }

    private static string[] Dlls(string folder) => Directory.GetFiles(folder, "*.dll");
}
