namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>Files that the user has to obtain.</summary>
/// <param name="Id">The folder below the data root: <c>fashion-mnist</c>.</param>
/// <param name="Title">The full name, for messages.</param>
/// <param name="Source">What to download and from where, worded to follow «get»: <c>a.gz and b.gz from https://…</c>.</param>
/// <param name="Files">Everything that is needed: for each file or folder the names it may have, the usual one first.</param>
public sealed record DataSet(string Id, string Title, string Source, IReadOnlyList<IReadOnlyList<string>> Files)
{
    /// <summary>Where an operating-system package puts the files.</summary>
    public IReadOnlyList<string> SystemFolders { get; init; } = [];
}

/// <summary>Finds data sets: below the folder that the user named, then where a package puts them.</summary>
public static class DataRoot
{
    /// <summary>The environment variable that names the data root if <c>--data</c> does not.</summary>
    public const string EnvironmentVariable = "KDMTL_DATA";

    /// <summary>The environment variable that names the folder of decoded data.</summary>
    public const string CacheVariable = "KDMTL_CACHE";

    /// <summary>Where decoded data is kept: the folder named by <see cref="CacheVariable"/>, else kdmtl in the user's cache
    /// folder.</summary>
    public static string CacheFolder => Path.GetFullPath(
        Environment.GetEnvironmentVariable(CacheVariable) is { Length: > 0 } chosen ? chosen
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches ? Path.Combine(caches, "kdmtl")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "kdmtl"));

    /// <summary>The data root of this process: the value of <c>--data</c>, else of <see cref="EnvironmentVariable"/>, else null.</summary>
    public static string? Choose(string? option) => Choose(option, Environment.GetEnvironmentVariable(EnvironmentVariable));

    internal static string? Choose(string? option, string? environment)
    {
        var chosen = string.IsNullOrWhiteSpace(option) ? environment : option;
        return string.IsNullOrWhiteSpace(chosen) ? null : Path.GetFullPath(chosen);
    }

    /// <summary>The paths of the data set's files, in their order, all from the first folder that holds every one of them.
    /// Throws an <see cref="InputException"/> that lists the folders, what each lacks, and where to obtain the data.</summary>
    /// <param name="dataRoot"><see cref="DataContext.DataRoot"/>.</param>
    /// <param name="dataSet">The data set to look for.</param>
    public static IReadOnlyList<string> Locate(string? dataRoot, DataSet dataSet)
    {
        string[] folders = [.. dataRoot is null ? [] : new[] { Path.Combine(dataRoot, dataSet.Id) }, .. dataSet.SystemFolders];
        foreach (var folder in folders)
        {
            var paths = dataSet.Files.Select(names => Find(folder, names)).OfType<string>().ToArray();
            if (paths.Length == dataSet.Files.Count)
                return paths;
        }

        throw new InputException($"the data set {dataSet.Title} is missing ({Searched(folders, dataSet)}); "
            + $"get {dataSet.Source}, and put them into {Destination(dataRoot, dataSet)}");
    }

    private static string? Find(string folder, IEnumerable<string> names) =>
        names.Select(name => Path.Combine(folder, name)).FirstOrDefault(Path.Exists);

    private static string Searched(string[] folders, DataSet dataSet) => folders.Length == 0
        ? "no data root was named"
        : "searched " + string.Join(" and ", folders.Select(folder => $"{folder}: {Lacking(folder, dataSet)}"));

    private static string Lacking(string folder, DataSet dataSet) => Directory.Exists(folder)
        ? "without " + string.Join(", ", dataSet.Files.Where(names => Find(folder, names) is null).Select(names => names[0]))
        : "no such folder";

    private static string Destination(string? dataRoot, DataSet dataSet) => dataRoot is null
        ? $"DIR/{dataSet.Id}, where DIR is named by --data DIR or the environment variable {EnvironmentVariable}"
        : Path.Combine(dataRoot, dataSet.Id);
}
