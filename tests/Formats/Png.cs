using System.Buffers.Binary;
using System.IO.Compression;

namespace KdMtlBench.Tests.Formats;

/// <summary>Writes PNG, independently of the reader.</summary>
internal static class Png
{
    /// <param name="colorType">0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha.</param>
    /// <param name="rows">Packed rows, unfiltered, 16-bit samples big-endian.</param>
    /// <param name="filters">Of each row in turn; repeated.</param>
    /// <param name="palette">Red, green, blue, …</param>
    public static byte[] Write(int width, int height, int bits, int colorType, byte[] rows, int[]? filters = null, byte[]? palette = null)
    {
        var content = new List<byte> { 0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10 };
        Chunk("IHDR", [.. BigEndian(width), .. BigEndian(height), (byte)bits, (byte)colorType, 0, 0, 0]);
        if (palette is not null)
            Chunk("PLTE", palette);
        var channels = colorType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var packed = Pack(Filtered(rows, rows.Length / height, Math.Max(1, bits * channels / 8), filters ?? [0]));
        Chunk("IDAT", packed[..(packed.Length / 2)]);
        Chunk("IDAT", packed[(packed.Length / 2)..]);
        Chunk("IEND", []);
        return [.. content];

        void Chunk(string type, byte[] data)
        {
            byte[] named = [.. type.Select(c => (byte)c), .. data];
            content.AddRange([.. BigEndian(data.Length), .. named, .. BigEndian((int)Crc(named))]);
        }
    }

    /// <summary>8-bit grey.</summary>
    public static byte[] Grey(int width, int height, byte[] pixels) => Write(width, height, 8, 0, pixels);

    /// <summary>16-bit grey.</summary>
    public static byte[] Grey(int width, int height, ushort[] pixels) =>
        Write(width, height, 16, 0, [.. pixels.SelectMany(pixel => new[] { (byte)(pixel >> 8), (byte)pixel })]);

    /// <summary>8-bit colour, red, green and blue of each pixel.</summary>
    public static byte[] Colour(int width, int height, byte[] pixels) => Write(width, height, 8, 2, pixels);

    /// <summary>The checksum of PNG and zip, bit by bit.</summary>
    public static uint Crc(byte[] bytes)
    {
        var crc = ~0u;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xedb88320);
        }

        return ~crc;
    }

    private static byte[] Filtered(byte[] rows, int rowBytes, int pixelBytes, int[] filters)
    {
        var result = new List<byte>();
        for (var row = 0; row * rowBytes < rows.Length; row++)
        {
            var filter = filters[row % filters.Length];
            result.Add((byte)filter);
            for (var i = 0; i < rowBytes; i++)
            {
                int At(int r, int c) => r < 0 || c < 0 ? 0 : rows[(r * rowBytes) + c];
                var (left, up, corner) = (At(row, i - pixelBytes), At(row - 1, i), i < pixelBytes ? 0 : At(row - 1, i - pixelBytes));
                var predicted = filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => Nearest(left, up, corner) };
                result.Add((byte)(At(row, i) - predicted));
            }
        }

        return [.. result];
    }

    private static int Nearest(int left, int up, int corner) =>
        new[] { left, up, corner }.MinBy(candidate => Math.Abs(left + up - corner - candidate));

    private static byte[] Pack(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
            zlib.Write(content);
        return packed.ToArray();
    }

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
