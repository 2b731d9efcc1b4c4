using System.Buffers.Binary;
using System.IO.Compression;

namespace KdMtlBench.Tests.Benchmarks.MultiMnist;

/// <summary>Writes IDX, independently of the reader.</summary>
internal static class Idx
{
    public static byte[] Images(int count, int height, int width, byte[] pixels) =>
        [0, 0, 8, 3, .. BigEndian(count), .. BigEndian(height), .. BigEndian(width), .. pixels];

    public static byte[] Labels(byte[] labels) => [0, 0, 8, 1, .. BigEndian(labels.Length), .. labels];

    public static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(content);
        return packed.ToArray();
    }
}
