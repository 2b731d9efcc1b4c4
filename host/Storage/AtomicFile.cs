namespace KdMtlBench.Host.Storage;

/// <summary>Writes a file whole or not at all: a reader, a crash or a full disk never meets half a file.</summary>
public static class AtomicFile
{
    /// <summary>How the parts end that a process was killed at.</summary>
    private const string Partial = ".partial";

    /// <summary>No two processes at one file write to the same part.</summary>
    private static readonly string _mine = $".{Guid.NewGuid():N}{Partial}";

    /// <summary>Writes beside the target, then renames over it. Where <paramref name="write"/> throws, an existing file stays as it was.</summary>
    /// <param name="path">The file; its folder is made where it is missing.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var partial = path + _mine; // same folder: a rename across file systems would be a copy
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (var stream = File.Create(partial))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e)
        {
            DeleteIfPossible(partial);
            if (e is IOException or UnauthorizedAccessException)
                throw new StorageException($"{path} cannot be written: {e.Message}", e);
            throw;
        }
    }

    /// <summary>The same for text, in UTF-8 without a byte-order mark.</summary>
    public static void Write(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Removes what processes that were killed have left, where no process writes.</summary>
    internal static void DeleteParts(string folder, SearchOption where)
    {
        foreach (var part in Directory.Exists(folder) ? Directory.GetFiles(folder, "*" + Partial, where) : [])
            DeleteIfPossible(part);
    }

    internal static void DeleteIfPossible(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // the reason why the file cannot be written is the one to tell
        }
    }
}
