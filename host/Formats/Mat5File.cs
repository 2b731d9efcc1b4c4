using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace KdMtlBench.Host.Formats;

/// <summary>Reads MATLAB level-5 files, as <c>save -v6</c> and <c>-v7</c> write them, little-endian.</summary>
/// <remarks>MathWorks, MAT-File Format: numbers, text, cells and structures; variables may be zlib-compressed. Every fault is
/// an <see cref="InputException"/> that names the file and the byte.</remarks>
public static class Mat5File
{
    private const int HeaderLength = 128;
    private const int Matrix = 14;
    private const int Compressed = 15;

    /// <summary>The variables of these names; what else is in the file is passed over unread.</summary>
    /// <exception cref="InputException">A variable is missing, or the file is bad.</exception>
    public static IReadOnlyDictionary<string, MatValue> Read(string path, params IReadOnlyCollection<string> names) => Faults.Guarded(path, () =>
    {
        using var file = File.OpenRead(path);
        CheckHeader(path, file.ReadUpTo(HeaderLength));
        var found = new Dictionary<string, MatValue>(StringComparer.Ordinal);
        for (long at = HeaderLength; at < file.Length && found.Count < names.Count;)
        {
            file.Position = at;
            var (type, length) = ReadTag(path, file, at);
            if (length > file.Length - at - 8)
                throw Faults.At(path, at, $"a variable of {length} bytes goes beyond the end of the file");
            ReadVariable(path, file, type, at, length, names, found);
            // Compressed variables are not padded to multiples of eight.
            at += 8 + (type == Compressed ? length : (length + 7) / 8 * 8);
        }

        foreach (var name in names.Where(name => !found.ContainsKey(name)))
            throw Faults.In(path, $"the variable {name} is not in it");
        return found;
    });

    private static void CheckHeader(string path, byte[] header)
    {
        if (header.AsSpan().StartsWith("MATLAB 7.3"u8) || header.AsSpan().StartsWith("\x89HDF"u8))
            throw Faults.At(path, 0, "this is a MATLAB 7.3 file, but a level-5 file (save -v7) is expected");
        if (header.Length == HeaderLength && header[126] == 'M' && header[127] == 'I')
            throw Faults.At(path, 126, "big-endian MATLAB files are not read");
        if (header.Length < HeaderLength || header[126] != 'I' || header[127] != 'M' || header[125] != 1)
            throw Faults.At(path, 0, "not a MATLAB level-5 file: its header of 128 bytes does not end in version 1 and IM");
    }

    private static (int Type, long Length) ReadTag(string path, FileStream file, long at)
    {
        var tag = file.ReadUpTo(8);
        if (tag.Length < 8)
            throw Faults.At(path, at, "the file ends within a variable's tag");
        var type = BinaryPrimitives.ReadInt32LittleEndian(tag);
        if (type is not (Matrix or Compressed))
            throw Faults.At(path, at, $"a variable is of type {Matrix} or {Compressed}, not {type}");
        return (type, BinaryPrimitives.ReadUInt32LittleEndian(tag.AsSpan(4)));
    }

    private static void ReadVariable(
        string path, FileStream file, int type, long at, long length, IReadOnlyCollection<string> names, Dictionary<string, MatValue> found)
    {
        if (type == Matrix)
        {
            Add(new MatElementReader(path, "", new BufferedStream(file), at + 8, length));
            return;
        }

        using var part = new StreamPart(file, length);
        using var content = new SummedStream(new ZLibStream(part, CompressionMode.Decompress));
        var unpacked = $"(unpacked from byte {at}) ";
        var outer = new MatElementReader(path, unpacked, content, 0, long.MaxValue);
        var (innerType, innerLength) = outer.ReadMatrixTag();
        if (innerType != Matrix)
            throw outer.Fault($"a compressed variable holds type {innerType} instead of {Matrix}");
        if (Add(new MatElementReader(path, unpacked, content, 8, innerLength)))
            CheckEnd();

        bool Add(MatElementReader reader)
        {
            if (reader.ReadVariable(names) is not var (name, value))
                return false;
            found[name] = value;
            return true;
        }

        // The decompressor itself compares its checksum only where all four bytes of it are there.
        void CheckEnd()
        {
            if (content.ReadByte() >= 0)
                throw outer.Fault($"more follows after the variable's {innerLength} bytes");
            file.Position = at + 8 + Math.Max(0, length - 4);
            var sum = file.ReadUpTo(4);
            if (sum.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(sum) != content.Sum)
                throw Faults.At(path, at, "a compressed variable's checksum does not fit its content");
        }
    }
}

/// <summary>Reads the elements of one variable, in the order in which they stand.</summary>
/// <param name="path">For messages.</param>
/// <param name="place">Before a fault's description: empty, or where the bytes were unpacked from.</param>
/// <param name="content">Starts at <paramref name="start"/>.</param>
/// <param name="start">Offset of the first byte, for messages.</param>
/// <param name="length">Bytes that belong to the variable.</param>
internal sealed class MatElementReader(string path, string place, Stream content, long start, long length)
{
    private const int MaximumDepth = 16;
    private const int MaximumAxes = 32;

    // uint64, the last of the numbers.
    private const int LastKind = 15;

    private readonly long _end = start + length;
    private long _at = start;

    private long Left => _end - _at;

    public InputException Fault(string fault) => Faults.At(path, _at, place + fault);

    /// <summary>The tag of a whole variable.</summary>
    public (int Type, long Length) ReadMatrixTag()
    {
        var tag = Take(8);
        return (BinaryPrimitives.ReadInt32LittleEndian(tag), BinaryPrimitives.ReadUInt32LittleEndian(tag.AsSpan(4)));
    }

    /// <summary>The variable with its name; null where the name is not one of these.</summary>
    public (string Name, MatValue Value)? ReadVariable(IReadOnlyCollection<string> names)
    {
        var kind = ReadKind();
        if (kind > LastKind)
            return null; // function handles and the like are laid out in ways of their own
        var (dimensions, name) = ReadShapeAndName();
        if (!names.Contains(name))
            return null;
        var value = ReadValue(kind, dimensions, depth: 0);
        SkipRest();
        return (name, value);
    }

    private int ReadKind()
    {
        var flags = ReadElement(6, 8, "array flags");
        return flags.Length == 8 ? flags[0] : throw Fault($"the array flags have {flags.Length} bytes instead of 8");
    }

    private (int[] Dimensions, string Name) ReadShapeAndName()
    {
        var lengths = ReadElement(5, 4 * MaximumAxes, "dimensions");
        var dimensions = Enumerable.Range(0, lengths.Length / 4).Select(i => BinaryPrimitives.ReadInt32LittleEndian(lengths.AsSpan(4 * i))).ToArray();
        if (dimensions.Length < 2 || dimensions.Any(n => n < 0) || dimensions.Aggregate(UInt128.One, (product, n) => product * (UInt128)n) > int.MaxValue)
            throw Fault($"the dimensions {string.Join("×", dimensions)} are not two or more lengths whose product is up to {int.MaxValue}");
        return (dimensions, Encoding.ASCII.GetString(ReadElement(1, 1024, "name")));
    }

    private MatValue ReadValue(int kind, int[] dimensions, int depth)
    {
        if (depth > MaximumDepth)
            throw Fault($"cells or structures lie more than {MaximumDepth} deep");
        return kind switch
        {
            1 => new MatCells(dimensions, ReadItems(dimensions, depth)),
            2 => ReadStructs(dimensions, depth),
            4 => new MatText(dimensions, ReadText()),
            >= 6 and <= LastKind => ReadNumbers(dimensions),
            _ => throw Fault($"arrays of class {kind} are not read: numbers, text, cells and structures are"),
        };
    }

    private MatValue ReadNested(int depth)
    {
        var (type, nestedLength) = ReadMatrixTag();
        if (type != 14 || nestedLength > Left)
            throw Fault($"an array of type 14 within the variable is expected, not type {type} of {nestedLength} bytes");
        if (nestedLength == 0)
            return new MatNumbers([0, 0], MatNumberType.Double, []);
        var nested = new MatElementReader(path, place, content, _at, nestedLength);
        var kind = nested.ReadKind();
        var value = nested.ReadValue(kind, nested.ReadShapeAndName().Dimensions, depth + 1);
        nested.SkipRest();
        _at += nestedLength;
        return value;
    }

    private List<MatValue> ReadItems(int[] dimensions, int depth)
    {
        var items = new List<MatValue>();
        for (var left = dimensions.Aggregate(1, (product, n) => product * n); left > 0; left--)
            items.Add(ReadNested(depth));
        return items;
    }

    private MatStructs ReadStructs(int[] dimensions, int depth)
    {
        var lengthBytes = ReadElement(5, 4, "field name length");
        var nameLength = lengthBytes.Length == 4 ? BinaryPrimitives.ReadInt32LittleEndian(lengthBytes) : 0;
        if (nameLength is < 1 or > 1024)
            throw Fault($"a field name length of {nameLength} bytes is not 1 to 1024");
        var names = ReadElement(1, 1 << 16, "field names").Chunk(nameLength)
            .Select(name => Encoding.ASCII.GetString(name).TrimEnd('\0')).ToArray();
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Length)
            throw Fault("two fields of a structure have the same name");

        var fields = names.ToDictionary(name => name, _ => new List<MatValue>(), StringComparer.Ordinal);
        for (var left = names.Length == 0 ? 0 : dimensions.Aggregate(1, (product, n) => product * n); left > 0; left--)
            foreach (var name in names)
                fields[name].Add(ReadNested(depth));
        return new MatStructs(dimensions, fields.ToDictionary(field => field.Key, field => (IReadOnlyList<MatValue>)field.Value, StringComparer.Ordinal));
    }

    private string ReadText()
    {
        var (type, bytes) = ReadElement("text");
        return type switch
        {
            4 or 17 => Encoding.Unicode.GetString(bytes),
            1 or 2 or 16 => Encoding.UTF8.GetString(bytes),
            _ => throw Fault($"text is stored as type {type}"),
        };
    }

    private MatNumbers ReadNumbers(int[] dimensions)
    {
        var (type, bytes) = ReadElement("numbers");
        var size = type switch { 1 or 2 => 1, 3 or 4 => 2, 5 or 6 or 7 => 4, 9 or 12 or 13 => 8, _ => throw Fault($"numbers are stored as type {type}") };
        var promised = dimensions.Aggregate(1L, (product, n) => product * n) * size;
        if (bytes.Length != promised)
            throw Fault($"{string.Join("×", dimensions)} numbers of {size} bytes are promised, but {bytes.Length} bytes stand there");
        return new MatNumbers(dimensions, (MatNumberType)type, bytes);
    }

    private byte[] ReadElement(int expected, int most, string what)
    {
        var (type, bytes) = ReadElement(what, most);
        return type == expected ? bytes : throw Fault($"the {what} are stored as type {type} instead of {expected}");
    }

    /// <summary>A tag of eight bytes with the data after it, padded to eight; or a small one with the data inside the tag.</summary>
    private (int Type, byte[] Bytes) ReadElement(string what, int most = int.MaxValue)
    {
        var tag = Take(8);
        var (type, count) = (BinaryPrimitives.ReadUInt16LittleEndian(tag), (long)BinaryPrimitives.ReadUInt16LittleEndian(tag.AsSpan(2)));
        if (count > 0)
            return count <= 4 ? (type, tag[4..(4 + (int)count)]) : throw Fault($"the {what} are a small element of {count} bytes, but 4 is the most");
        count = BinaryPrimitives.ReadUInt32LittleEndian(tag.AsSpan(4));
        if (count > most || count > Left || count > Array.MaxLength)
            throw Fault($"the {what} have {count} bytes, but {Math.Min(most, Math.Max(0, Left))} is the most");
        var bytes = Take((int)count);
        Take((int)Math.Min(Left, -count & 7));
        return (type, bytes);
    }

    /// <summary>Passes over padding, and over the imaginary part of complex numbers.</summary>
    private void SkipRest()
    {
        while (Left > 0)
            Take((int)Math.Min(Left, 1 << 16));
    }

    private byte[] Take(int count)
    {
        if (count > Left)
            throw Fault($"{count} more bytes are expected, but the variable ends after {Math.Max(0, Left)}");
        var bytes = content.ReadUpTo(count);
        _at += bytes.Length;
        return bytes.Length == count ? bytes : throw Fault($"the data ends here, {count - bytes.Length} bytes too early");
    }
}

/// <summary>A stream that can only be read onwards.</summary>
internal abstract class ForwardStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public abstract override int Read(Span<byte> buffer);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>The next bytes of a file as a stream of their own.</summary>
internal sealed class StreamPart(Stream file, long length) : ForwardStream
{
    private long _left = length;

    public override int Read(Span<byte> buffer)
    {
        var read = file.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        _left -= read;
        return read;
    }
}

/// <summary>Takes zlib's checksum of what is read.</summary>
internal sealed class SummedStream(Stream content) : ForwardStream
{
    private const uint Modulus = 65521;

    // So many steps fit into 32 bits.
    private const int Steps = 5552;

    private uint _low = 1;
    private uint _high;

    /// <summary>Adler-32 of everything so far.</summary>
    public uint Sum => (_high << 16) | _low;

    public override int Read(Span<byte> buffer)
    {
        var read = content.Read(buffer);
        for (var start = 0; start < read; start += Steps)
            Add(buffer[start..Math.Min(read, start + Steps)]);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        content.Dispose();
        base.Dispose(disposing);
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            _low += value;
            _high += _low;
        }

        _low %= Modulus;
        _high %= Modulus;
    }
}
