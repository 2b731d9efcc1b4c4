namespace KdMtlBench.Tests.Support;

/// <summary>A folder for one test, with nothing beside it, gone when it ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kdmtl-").CreateSubdirectory("folder").FullName;

    /// <summary>Where the runs of a sweep.yaml in this folder go.</summary>
    public string Output => File("output");

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(System.IO.Path.GetDirectoryName(Path)!, recursive: true);
}
