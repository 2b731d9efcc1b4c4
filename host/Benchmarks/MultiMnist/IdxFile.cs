using System.Buffers.Binary;
using System.IO.Compression;

namespace KdMtlBench.Host.Benchmarks.MultiMnist;

/// <summary>Grey images of one size.</summary>
/// <param name="Count">Number of images.</param>
/// <param name="Height">Rows of an image.</param>
/// <param name="Width">Columns of an image.</param>
/// <param name="Pixels">[count, height, width], 0 to 255.</param>
public sealed record IdxImages(int Count, int Height, int Width, byte[] Pixels);

/// <summary>Reads IDX, the format of MNIST and its relatives: a big-endian magic number 0x0000 08 (uint8) 0n (n axes),
/// n big-endian lengths of 32 bits, then the values, the last axis fastest. A gzip is known by its content, not by its name.</summary>
/// <remarks>LeCun, Cortes &amp; Burges, «The MNIST database of handwritten digits». Every fault of a file is an
/// <see cref="InputException"/> that names the file; offsets count in the unpacked content.</remarks>
public static class IdxFile
{
    /// <summary>The most values a file may hold; EMNIST, the largest of the family, has 0.64 · 10⁹.</summary>
    public const int MaximumValues = 1 << 30;

    private const int FirstBuffer = 1 << 20;

    private static readonly byte[] _gzipMagic = [0x1f, 0x8b];

    public static IdxImages ReadImages(string path)
    {
        var (lengths, pixels) = Read(path, "images", axes: 3);
        return new IdxImages(lengths[0], lengths[1], lengths[2], pixels);
    }

    public static byte[] ReadLabels(string path) => Read(path, "labels", axes: 1).Values;

    private static (int[] Lengths, byte[] Values) Read(string path, string what, int axes)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var content = Unpacked(file);
            var lengths = ReadHeader(content, path, what, axes);
            var offset = 4 + 4 * axes;
            var values = ReadValues(content, path, lengths, offset);
            if (content is GZipStream)
                CheckTrailer(file, path, offset + values.Length);
            return (lengths, values);
        }
        catch (InvalidDataException e)
        {
            throw Fault(path, $"the gzip is damaged or cut off ({e.Message})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read ({e.Message}); check that it is a file and that you may read it");
        }
    }

    private static Stream Unpacked(FileStream file)
    {
        var start = new byte[_gzipMagic.Length];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return start.AsSpan(0, read).SequenceEqual(_gzipMagic) ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    private static int[] ReadHeader(Stream content, string path, string what, int axes)
    {
        var header = new byte[4 + 4 * axes];
        var read = content.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        var (magic, expected) = (BinaryPrimitives.ReadUInt32BigEndian(header), 0x0800u + (uint)axes);
        if (read >= 4 && magic != expected)
            throw Fault(path, $"starts with 0x{magic:x8}, but IDX {what} start with 0x{expected:x8}, or gzipped with 0x1f8b");
        if (read < header.Length)
            throw Fault(path, $"ends at byte {read}, within the {header.Length} bytes of the header of IDX {what}");

        var lengths = Enumerable.Range(1, axes).Select(axis => BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 * axis))).ToArray();
        var values = lengths.Aggregate(UInt128.One, (product, length) => product * length);
        if (values < 1 || values > MaximumValues)
            throw Fault(path, $"byte 4 gives the size {string.Join("×", lengths)}, but 1 to {MaximumValues} values are expected");
        return [.. lengths.Select(length => (int)length)];
    }

    /// <summary>The buffer grows with what the file turns out to hold, never beyond what the header promises.</summary>
    private static byte[] ReadValues(Stream content, string path, int[] lengths, int offset)
    {
        var count = lengths.Aggregate(1, (product, length) => product * length);
        var values = new byte[Math.Min(count, FirstBuffer)];
        var read = 0;
        while (true)
        {
            read += content.ReadAtLeast(values.AsSpan(read), values.Length - read, throwOnEndOfStream: false);
            if (read < values.Length)
                throw Fault(path, $"ends at byte {offset + read}, but its header promises {string.Join("×", lengths)} values up to byte {offset + count}");
            if (read == count)
                break;
            Array.Resize(ref values, (int)Math.Min(count, 2L * values.Length));
        }

        if (content.ReadByte() >= 0)
            throw Fault(path, $"goes on after byte {offset + count}, where its header's {string.Join("×", lengths)} values end");
        return values;
    }

    /// <summary>GZipStream compares the checksum only where the eight bytes at the end, checksum and size, are all there.</summary>
    private static void CheckTrailer(FileStream file, string path, int unpacked)
    {
        var size = new byte[4];
        file.Seek(-size.Length, SeekOrigin.End);
        file.ReadExactly(size);
        if (BinaryPrimitives.ReadUInt32LittleEndian(size) != unpacked)
            throw Fault(path, $"the gzip is cut off or padded: its last four bytes do not give the unpacked size {unpacked}");
    }

    private static InputException Fault(string path, string fault) => new($"{path}: {fault}; put the original file in its place");
}
