using System.IO.Compression;

namespace KdMtlBench.Host.Formats;

/// <summary>A file inside a zip.</summary>
/// <param name="Path">With forward slashes, as it stands in the zip.</param>
/// <param name="Content">Unpacked.</param>
public sealed record ZippedFile(string Path, byte[] Content);

/// <summary>Reads files out of a zip into memory; nothing is ever written, whatever paths the zip holds.</summary>
public static class ZipFolder
{
    /// <summary>The files whose paths are wanted, in the order of the zip.</summary>
    /// <param name="path">The zip.</param>
    /// <param name="wanted">Told each path; directories are not asked for.</param>
    /// <param name="mostBytes">Unpacked, of one file.</param>
    /// <exception cref="InputException">The zip is bad, or a wanted file is larger than that.</exception>
    public static IReadOnlyList<ZippedFile> Read(string path, Func<string, bool> wanted, int mostBytes)
    {
        try
        {
            return Faults.Guarded(path, () =>
            {
                using var zip = ZipFile.OpenRead(path);
                return zip.Entries.Where(entry => !entry.FullName.EndsWith('/') && wanted(entry.FullName))
                    .Select(entry => Read(path, entry, mostBytes)).ToList();
            });
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or OverflowException)
        {
            throw Faults.In(path, $"damaged ({e.Message})");
        }
    }

    private static ZippedFile Read(string path, ZipArchiveEntry entry, int mostBytes)
    {
        if (entry.Length > mostBytes)
            throw Faults.In(path, $"{entry.FullName} is said to have {entry.Length} bytes, but {mostBytes} is the most");
        using var content = entry.Open();
        var bytes = content.ReadUpTo((int)entry.Length);
        if (bytes.Length < entry.Length || content.ReadByte() >= 0)
            throw Faults.In(path, $"{entry.FullName} does not have the {entry.Length} bytes that the zip's directory gives it");
        return new ZippedFile(entry.FullName, bytes);
    }
}
