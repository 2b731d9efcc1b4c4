namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>A benchmark that reads files which the user has to obtain; <c>kdmtl data</c> lists, verifies and downloads them.</summary>
public interface INeedsData
{
    /// <summary>Every data set that it can read, whatever its options.</summary>
    IReadOnlyList<DataNeed> Data { get; }
}

/// <summary>A data set as a benchmark needs it.</summary>
/// <param name="Set">The data set.</param>
/// <param name="Check">Reads the files, one path for each of <see cref="DataSet.Files"/>, and says in a few words what they
/// hold: <c>60000 training and 10000 test images</c>. Throws an <see cref="InputException"/> if they are incomplete or damaged.</param>
public sealed record DataNeed(DataSet Set, Func<IReadOnlyList<string>, string> Check)
{
    /// <summary>The option that makes the benchmark read it: <c>left or right: fashion-mnist</c>; null if it does so by default.</summary>
    public string? Under { get; init; }

    /// <summary>The files as published, as far as that is known.</summary>
    public IReadOnlyList<PublishedFile> Published { get; init; } = [];
}

/// <summary>A file as published.</summary>
/// <param name="Name">Its name in the data set's folder: one of the names in <see cref="DataSet.Files"/>, or a file that belongs to
/// them.</param>
public sealed record PublishedFile(string Name)
{
    /// <summary>A stable address from which anyone can download it; null if there is none.</summary>
    public Uri? Address { get; init; }

    /// <summary>SHA-256, lower-case hex, of the content, unpacked if the file is a gzip: packed again it is still the
    /// same data. Null if nobody has compared it with the real file.</summary>
    public string? ContentSha256 { get; init; }
}
