using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace KdMtlBench.Host.Formats;

/// <summary>An array from a .npy file.</summary>
/// <param name="Shape">Lengths of the axes.</param>
/// <param name="Type">Of a value as NumPy writes it, without the byte order: <c>f4</c>, <c>u1</c>.</param>
/// <param name="Bytes">The values, last axis fastest, in this machine's byte order.</param>
public sealed record NpyArray(IReadOnlyList<int> Shape, string Type, byte[] Bytes)
{
    public int Count => Shape.Aggregate(1, (product, length) => product * length);

    /// <summary>The values as floats; halves, doubles and integers are converted.</summary>
    public float[] ToFloats() => Type switch
    {
        "f4" => Cast<float>(),
        "f8" => Cast<double>(),
        "f2" => Cast<Half>(),
        "b1" or "u1" => Cast<byte>(),
        "i1" => Cast<sbyte>(),
        "u2" => Cast<ushort>(),
        "i2" => Cast<short>(),
        "u4" => Cast<uint>(),
        "i4" => Cast<int>(),
        "u8" => Cast<ulong>(),
        "i8" => Cast<long>(),
        _ => throw new InvalidOperationException(Type),
    };

    private float[] Cast<T>()
        where T : unmanaged, INumberBase<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(Bytes);
        var floats = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
            floats[i] = float.CreateTruncating(values[i]);
        return floats;
    }
}

/// <summary>Reads and writes NumPy's .npy: versions 1 to 3, either byte order, C and Fortran order, numbers only.</summary>
/// <remarks>numpy.lib.format. Every fault is an <see cref="InputException"/> that names the file and the byte.</remarks>
public static partial class NpyFile
{
    private const int MaximumHeader = 1 << 16;

    private static readonly byte[] _magic = [0x93, .. "NUMPY"u8];

    public static NpyArray Read(string path) => Faults.Guarded(path, () =>
    {
        using var file = File.OpenRead(path);
        var (header, offset) = ReadHeader(path, file);
        var (descr, fortran, shape) = ParseHeader(path, header);
        var size = descr[2] - '0';
        var expected = shape.Aggregate((UInt128)size, (product, length) => product * (UInt128)length);
        if ((ulong)(file.Length - offset) != expected)
            throw Faults.At(path, offset, $"the header promises {string.Join("×", shape)} values of {size} bytes, but {file.Length - offset} bytes follow");
        if (expected > (UInt128)Array.MaxLength)
            throw Faults.At(path, offset, $"{expected} bytes do not fit into one array");

        var bytes = file.ReadUpTo((int)expected);
        if (bytes.Length < (int)expected)
            throw Faults.At(path, offset + bytes.Length, "the file ended while it was read");
        if (descr[0] == '>')
            Reverse(bytes, size);
        return new NpyArray(shape, descr[1..], fortran ? ToRowMajor(bytes, shape, size) : bytes);
    });

    /// <summary>Writes version 1, little-endian, C order.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="type"><c>u1</c>, <c>i1</c>, <c>f4</c> …</param>
    /// <param name="shape">Lengths of the axes.</param>
    public static void WriteHeader(Stream stream, string type, IReadOnlyList<long> shape)
    {
        var order = type[1] == '1' ? '|' : '<';
        var text = $"{{'descr': '{order}{type}', 'fortran_order': False, 'shape': ({string.Join(", ", shape)}{(shape.Count == 1 ? "," : "")}), }}";
        var length = (_magic.Length + 4 + text.Length + 1 + 63) / 64 * 64;
        stream.Write(_magic);
        stream.Write([1, 0]);
        var size = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(size, (ushort)(length - _magic.Length - 4));
        stream.Write(size);
        stream.Write(Encoding.ASCII.GetBytes(text.PadRight(length - _magic.Length - 5) + "\n"));
    }

    private static (string Header, long Offset) ReadHeader(string path, FileStream file)
    {
        var start = file.ReadUpTo(8);
        if (start.Length < 8 || !start.AsSpan().StartsWith(_magic))
            throw Faults.At(path, 0, "not an .npy file: the word NUMPY is missing at its start");
        if (start[6] is < 1 or > 3)
            throw Faults.At(path, 6, $"version {start[6]}, but 1 to 3 are known");

        var sizeBytes = start[6] == 1 ? 2 : 4;
        var size = file.ReadUpTo(sizeBytes);
        long length = size.Length < sizeBytes ? -1
            : sizeBytes == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(size) : BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length is < 0 or > MaximumHeader)
            throw Faults.At(path, 8, $"the header's length is missing or more than {MaximumHeader}");
        var header = file.ReadUpTo((int)length);
        if (header.Length < length)
            throw Faults.At(path, 8 + sizeBytes + header.Length, $"the file ends within its header of {length} bytes");
        return (Encoding.UTF8.GetString(header), 8 + sizeBytes + length);
    }

    private static (string Descr, bool Fortran, int[] Shape) ParseHeader(string path, string header)
    {
        var match = HeaderPattern().Match(header);
        if (!match.Success)
            throw Faults.At(path, 10, $"the header is not understood: {header.Trim()[..Math.Min(80, header.Trim().Length)]}");
        var descr = match.Groups["descr"].Value;
        if (!TypePattern().IsMatch(descr))
            throw Faults.At(path, 10, $"values of type {descr} are not read; save it as float32 or an integer type");

        var shape = new List<int>();
        foreach (var length in match.Groups["shape"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                throw Faults.At(path, 10, $"the length {length} of an axis is not a number up to {int.MaxValue}");
            shape.Add(value);
        }

        return (descr, match.Groups["fortran"].Value == "True", [.. shape]);
    }

    private static void Reverse(byte[] bytes, int size)
    {
        for (var i = 0; size > 1 && i < bytes.Length; i += size)
            bytes.AsSpan(i, size).Reverse();
    }

    /// <summary>First axis fastest → last axis fastest.</summary>
    private static byte[] ToRowMajor(byte[] bytes, int[] shape, int size)
    {
        var strides = new long[shape.Length];
        long stride = size;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        var result = new byte[bytes.Length];
        var place = new int[shape.Length];
        for (var to = 0; to < result.Length; to += size)
        {
            long from = 0;
            for (var axis = 0; axis < shape.Length; axis++)
                from += place[axis] * strides[axis];
            bytes.AsSpan((int)from, size).CopyTo(result.AsSpan(to));
            for (var axis = shape.Length - 1; axis >= 0 && ++place[axis] == shape[axis]; axis--)
                place[axis] = 0;
        }

        return result;
    }

    [GeneratedRegex(@"^\s*\{\s*'descr':\s*'(?<descr>[^']*)'\s*,\s*'fortran_order':\s*(?<fortran>True|False)\s*,\s*'shape':\s*\((?<shape>[0-9, ]*)\)\s*,?\s*\}\s*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HeaderPattern();

    [GeneratedRegex("^([|<>](b1|u1|i1)|[<>](f2|f4|f8|u2|i2|u4|i4|u8|i8))$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TypePattern();
}
