using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;
using ICSharpCode.SharpZipLib.Checksum;

namespace KdMtlBench.Host.Formats;

/// <summary>A decoded PNG.</summary>
/// <remarks>W3C, Portable Network Graphics (Second Edition), without interlacing. No packaged decoder that runs here keeps
/// the 16 bits of a depth map: Skia rounds them to 11. Every fault is an <see cref="InputException"/> that names the file
/// and the byte; checksums are compared.</remarks>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Channels">1 grey, 2 grey and alpha, 3 red, green, blue, 4 the same and alpha.</param>
/// <param name="Bits">Of a sample: 8, or 16 where the file has 16; what has fewer is scaled to 0–255.</param>
/// <param name="Samples">[height, width, channels]; 16-bit samples in this machine's byte order, see <see cref="Words"/>.</param>
public sealed record PngImage(int Width, int Height, int Channels, int Bits, byte[] Samples)
{
    private const int MaximumSide = 1 << 16;

    // Deflate cannot pack tighter.
    private const long HighestRatio = 1032;

    private static readonly byte[] _signature = [0x89, .. "PNG\r\n\x1a\n"u8];

    /// <summary>The samples of a 16-bit image.</summary>
    public ReadOnlySpan<ushort> Words => MemoryMarshal.Cast<byte, ushort>(Samples);

    public static PngImage Read(string path) => Faults.Guarded(path, () => Decode(path, File.ReadAllBytes(path)));

    /// <summary>Decodes a file that has been read already.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="file">All of the file.</param>
    public static PngImage Read(string name, ReadOnlyMemory<byte> file) => Faults.Guarded(name, () => Decode(name, file));

    private static PngImage Decode(string name, ReadOnlyMemory<byte> file)
    {
        var (header, palette, packed) = ReadChunks(name, file.Span);
        var rowBytes = ((long)header.Width * header.BitsPerPixel + 7) / 8;
        var expected = header.Height * (1 + rowBytes);
        if (expected > Array.MaxLength || expected > (packed.Length + 16) * HighestRatio)
            throw Faults.At(name, 16, $"{header.Width}×{header.Height} pixels of {header.BitsPerPixel} bits do not fit into the {packed.Length} compressed bytes that follow");

        var rows = Inflate(name, packed, (int)expected);
        Unfilter(name, rows, (int)rowBytes, Math.Max(1, header.BitsPerPixel / 8));
        return Expand(name, header, palette, rows, (int)rowBytes);
    }

    private static (Header Header, byte[] Palette, MemoryStream Packed) ReadChunks(string name, ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(_signature))
            throw Faults.At(name, 0, "not a PNG: its signature is missing");

        Header? header = null;
        byte[] palette = [];
        var packed = new MemoryStream();
        for (var at = _signature.Length; ;)
        {
            if (file.Length - at < 12)
                throw Faults.At(name, at, "the file ends before its last chunk");
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - 12)
                throw Faults.At(name, at, $"a chunk of {length} bytes goes beyond the end of the file");
            var content = file.Slice(at + 8, (int)length);
            var type = file.Slice(at + 4, 4);
            CheckSum(name, file, at, (int)length);
            if (header is null && !type.SequenceEqual("IHDR"u8))
                throw Faults.At(name, at, "the first chunk is not the header IHDR");
            if (type.SequenceEqual("IHDR"u8))
                header = Header.Read(name, at + 8, content);
            else if (type.SequenceEqual("PLTE"u8))
                palette = content.ToArray();
            else if (type.SequenceEqual("IDAT"u8))
                packed.Write(content);
            else if (type.SequenceEqual("IEND"u8))
                break;
            at += (int)length + 12;
        }

        packed.Position = 0;
        return (header!, palette, packed);
    }

    private static void CheckSum(string name, ReadOnlySpan<byte> file, int at, int length)
    {
        var sum = new Crc32();
        sum.Update(file.Slice(at + 4, 4 + length).ToArray());
        if (BinaryPrimitives.ReadUInt32BigEndian(file[(at + 8 + length)..]) != (uint)sum.Value)
            throw Faults.At(name, at, "a chunk's checksum does not fit its content");
    }

    private static byte[] Inflate(string name, MemoryStream packed, int expected)
    {
        using var content = new ZLibStream(packed, CompressionMode.Decompress);
        var rows = new byte[expected];
        var read = content.ReadAtLeast(rows, expected, throwOnEndOfStream: false);
        if (read < expected)
            throw Faults.In(name, $"its pixels end after {read} of {expected} unpacked bytes");
        if (content.ReadByte() >= 0)
            throw Faults.In(name, $"it has more than the {expected} unpacked bytes that its header promises");
        return rows;
    }

    /// <summary>Undoes the rows' filters in place; the filter bytes stay where they are.</summary>
    private static void Unfilter(string name, byte[] rows, int rowBytes, int pixelBytes)
    {
        var above = new byte[rowBytes].AsSpan();
        for (var start = 0; start < rows.Length; start += 1 + rowBytes)
        {
            var row = rows.AsSpan(start + 1, rowBytes);
            switch (rows[start])
            {
                case 0: break;
                case 1: Sub(row, pixelBytes); break;
                case 2: Up(row, above); break;
                case 3: Average(row, above, pixelBytes); break;
                case 4: Paeth(row, above, pixelBytes); break;
                default: throw Faults.At(name, start, $"(unpacked) the filter {rows[start]} is not one of 0 to 4");
            }

            above = row;
        }
    }

    private static void Sub(Span<byte> row, int pixelBytes)
    {
        for (var i = pixelBytes; i < row.Length; i++)
            row[i] += row[i - pixelBytes];
    }

    private static void Up(Span<byte> row, ReadOnlySpan<byte> above)
    {
        var i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            (new Vector<byte>(row[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);
        for (; i < row.Length; i++)
            row[i] += above[i];
    }

    private static void Average(Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        for (var i = 0; i < pixelBytes && i < row.Length; i++)
            row[i] += (byte)(above[i] >> 1);
        for (var i = pixelBytes; i < row.Length; i++)
            row[i] += (byte)((row[i - pixelBytes] + above[i]) >> 1);
    }

    private static void Paeth(Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        above = above[..row.Length];
        for (var channel = 0; channel < pixelBytes; channel++)
        {
            int left = 0, corner = 0;
            for (var i = channel; i < row.Length; i += pixelBytes)
            {
                int up = above[i];
                int toLeft = Math.Abs(up - corner), toUp = Math.Abs(left - corner), toCorner = Math.Abs(left + up - corner - corner);
                var nearest = toUp < toLeft ? up : left;
                nearest = toCorner < Math.Min(toLeft, toUp) ? corner : nearest;
                left = (row[i] + nearest) & 0xff;
                row[i] = (byte)left;
                corner = up;
            }
        }
    }

    private static PngImage Expand(string name, Header header, byte[] palette, byte[] rows, int rowBytes)
    {
        if (header.ColorType == 3)
            return ExpandPalette(name, header, palette, rows, rowBytes);
        if (header.Depth < 8)
            return ExpandGrey(header, rows, rowBytes);

        var samples = new byte[header.Height * rowBytes];
        for (var row = 0; row < header.Height; row++)
            rows.AsSpan(row * (1 + rowBytes) + 1, rowBytes).CopyTo(samples.AsSpan(row * rowBytes));
        if (header.Depth == 16 && BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<byte, ushort>(samples.AsSpan());
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        return new PngImage(header.Width, header.Height, header.Channels, header.Depth, samples);
    }

    private static PngImage ExpandGrey(Header header, byte[] rows, int rowBytes)
    {
        var samples = new byte[header.Width * header.Height];
        var full = (1 << header.Depth) - 1;
        for (var i = 0; i < samples.Length; i++)
            samples[i] = (byte)(PackedSample(header, rows, rowBytes, i) * 255 / full);
        return new PngImage(header.Width, header.Height, 1, 8, samples);
    }

    private static PngImage ExpandPalette(string name, Header header, byte[] palette, byte[] rows, int rowBytes)
    {
        var samples = new byte[header.Width * header.Height * 3];
        for (var i = 0; i < samples.Length / 3; i++)
        {
            var entry = PackedSample(header, rows, rowBytes, i) * 3;
            if (entry + 3 > palette.Length)
                throw Faults.In(name, $"pixel {i} has colour {entry / 3}, but the palette has {palette.Length / 3}");
            palette.AsSpan(entry, 3).CopyTo(samples.AsSpan(3 * i));
        }

        return new PngImage(header.Width, header.Height, 3, 8, samples);
    }

    /// <summary>The sample of a pixel, counted row by row, where a byte holds one or several.</summary>
    private static int PackedSample(Header header, byte[] rows, int rowBytes, int pixel)
    {
        var (row, column) = Math.DivRem(pixel, header.Width);
        var bit = column * header.Depth;
        return (rows[row * (1 + rowBytes) + 1 + bit / 8] >> (8 - header.Depth - bit % 8)) & ((1 << header.Depth) - 1);
    }

    private sealed record Header(int Width, int Height, int Depth, int ColorType)
    {
        public int Channels => ColorType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

        public int BitsPerPixel => Depth * Channels;

        public static Header Read(string name, int at, ReadOnlySpan<byte> content)
        {
            if (content.Length != 13)
                throw Faults.At(name, at, $"the header IHDR has {content.Length} bytes instead of 13");
            var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(content), BinaryPrimitives.ReadUInt32BigEndian(content[4..]));
            if (width is 0 or > MaximumSide || height is 0 or > MaximumSide)
                throw Faults.At(name, at, $"{width}×{height} pixels, but 1 to {MaximumSide} a side are expected");
            int depth = content[8], colorType = content[9];
            if (!IsAllowed(depth, colorType))
                throw Faults.At(name, at + 8, $"colour type {colorType} with {depth} bits is none of PNG's");
            if (content[10] != 0 || content[11] != 0)
                throw Faults.At(name, at + 10, $"compression {content[10]} and filtering {content[11]} are none of PNG's");
            if (content[12] != 0)
                throw Faults.At(name, at + 12, "interlaced pictures are not read: save it without interlacing");
            return new Header((int)width, (int)height, depth, colorType);
        }

        private static bool IsAllowed(int depth, int colorType) => colorType switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
    }
}
