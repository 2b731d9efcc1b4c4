namespace KdMtlBench.Host.Benchmarks;

/// <summary>Files that a user has to get.</summary>
/// <param name="Id">The folder below the data root: <c>fashion-mnist</c>.</param>
/// <param name="Title">For messages.</param>
/// <param name="Source">What to get and where, as it follows «get»: <c>a.gz and b.gz from https://…</c>.</param>
/// <param name="Files">All that is needed; of each file or folder the names it may have, the usual one first.</param>
public sealed record DataSet(string Id, string Title, string Source, IReadOnlyList<IReadOnlyList<string>> Files)
{
    /// <summary>Where a package of the operating system puts the files.</summary>
    public IReadOnlyList<string> SystemFolders { get; init; } = [];
}

/// <summary>Finds data sets: below the folder the user named, then where a package puts them.</summary>
public static class DataRoot
{
    /// <summary>Names the data root where <c>--data</c> does not.</summary>
    public const string EnvironmentVariable = "KDMTL_DATA";

    /// <summary>Names the folder of decoded data.</summary>
    public const string CacheVariable = "KDMTL_CACHE";

    /// <summary>Where decoded data is kept: what <see cref="CacheVariable"/> says, else kdmtl in the user's folder of caches.</summary>
    public static string CacheFolder => Path.GetFullPath(
        Environment.GetEnvironmentVariable(CacheVariable) is { Length: > 0 } chosen ? chosen
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches ? Path.Combine(caches, "kdmtl")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "kdmtl"));

    /// <summary>The data root of this process: what <c>--data</c> says, else <see cref="EnvironmentVariable"/>, else null.</summary>
    public static string? Choose(string? option) => Choose(option, Environment.GetEnvironmentVariable(EnvironmentVariable));

    internal static string? Choose(string? option, string? environment)
    {
        var chosen = string.IsNullOrWhiteSpace(option) ? environment : option;
        return string.IsNullOrWhiteSpace(chosen) ? null : Path.GetFullPath(chosen);
    }

    /// <summary>The paths of the data set's files, in their order, all from the first folder that holds every one of them.
    /// Throws <see cref="InputException"/> that lists the folders, what each lacks, and where the data is to be had.</summary>
    /// <param name="dataRoot"><see cref="DataContext.DataRoot"/>.</param>
    /// <param name="dataSet">What is looked for.</param>
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
