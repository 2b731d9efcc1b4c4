namespace KdMtlBench.Tests.Support;

/// <summary>Where things are in the checkout that the tests run from.</summary>
internal static class Repository
{
    /// <summary>The folder that holds KdMtlBench.sln.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The built plugin folders.</summary>
    public static string Plugins => Path.Combine(Root, "artifacts", "plugins");

    /// <summary>Real data files beside the checkout: ../shared/data. Null where they are absent.</summary>
    public static string? SharedData
    {
        get
        {
            var folder = Path.Combine(Root, "..", "shared", "data");
            return Directory.Exists(folder) ? Path.GetFullPath(folder) : null;
        }
    }

    private static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "KdMtlBench.sln")) ? folder : FindRoot(Path.GetDirectoryName(folder)
            ?? throw new DirectoryNotFoundException("no KdMtlBench.sln above " + AppContext.BaseDirectory));
}

/// <summary>A test on real files of ../shared/data; skipped, with the reason shown, where the file is absent.</summary>
internal sealed class RealDataFactAttribute : FactAttribute
{
    public RealDataFactAttribute(string relativePath)
    {
        if (Repository.SharedData is not { } folder || !Path.Exists(Path.Combine(folder, relativePath)))
            Skip = $"needs ../shared/data/{relativePath}, which is not here";
    }
}
