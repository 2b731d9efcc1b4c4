namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>A benchmark that reads files a user has to get; <c>kdmtl data</c> lists, verifies and downloads them.</summary>
public interface INeedsData
{
    /// <summary>Every data set that it can read, under whatever options.</summary>
    IReadOnlyList<DataNeed> Data { get; }
}

/// <summary>A data set as a benchmark needs it.</summary>
/// <param name="Set">What is looked for.</param>
/// <param name="Check">Reads the files, one path for each of <see cref="DataSet.Files"/>, and says in a few words what they
/// hold: <c>60000 training and 10000 test images</c>. Throws <see cref="InputException"/> where they are not whole.</param>
public sealed record DataNeed(DataSet Set, Func<IReadOnlyList<string>, string> Check)
{
    /// <summary>The option with which it is read: <c>left or right: fashion-mnist</c>; null where the defaults read it.</summary>
    public string? Under { get; init; }

    /// <summary>The files as their makers publish them, as far as that is known.</summary>
    public IReadOnlyList<PublishedFile> Published { get; init; } = [];
}

/// <summary>A file as its makers publish it.</summary>
/// <param name="Name">In the data set's folder, one of the names in <see cref="DataSet.Files"/> or a file that belongs to them.</param>
public sealed record PublishedFile(string Name)
{
    /// <summary>Where it can be downloaded by anyone, for years; null where there is no such place.</summary>
    public Uri? Address { get; init; }

    /// <summary>SHA-256, lower-case hex, of the content, which is unpacked where the file is a gzip: packed again it is still the
    /// same data. Null where nobody has compared it with the real file.</summary>
    public string? ContentSha256 { get; init; }
}
