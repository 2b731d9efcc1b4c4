using System.IO.Compression;
using System.Security.Cryptography;

namespace KdMtlBench.Host.Downloads;

/// <summary>What a file holds, whether it is packed or not.</summary>
internal static class Contents
{
    private static readonly byte[] _gzipMagic = [0x1f, 0x8b];

    /// <summary>SHA-256, lower-case hex, of the content; of a gzip's, unpacked. Throws <see cref="InputException"/> where it
    /// cannot be read to its end.</summary>
    public static string Sha256(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var start = new byte[_gzipMagic.Length];
            var packed = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(_gzipMagic);
            file.Position = 0;
            using Stream content = packed ? new GZipStream(file, CompressionMode.Decompress) : file;
            return Convert.ToHexStringLower(SHA256.HashData(content));
        }
        catch (InvalidDataException e)
        {
            throw new InputException($"{path}: the gzip is damaged or cut off ({e.Message}); put the original file in its place");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read ({e.Message}); check that it is a file and that you may read it");
        }
    }

    /// <summary>Throws <see cref="InputException"/> where the content is not what its makers publish; does nothing where
    /// that is not known.</summary>
    public static void Compare(string path, PublishedFile published)
    {
        if (published.ContentSha256 is { } expected && Sha256(path) is var actual && actual != expected)
            throw new InputException($"{path}: not the published file: the SHA-256 of its content is {actual}, expected {expected}; put the original file in its place");
    }
}
