using System.IO.Compression;
using System.Text;

namespace KdMtlBench.Tests.Formats;

/// <summary>Writes MATLAB level 5, independently of the reader.</summary>
internal static class Mat5
{
    public const int Int8 = 1;
    public const int UInt8 = 2;
    public const int UInt16 = 4;
    public const int Int32 = 5;
    public const int UInt32 = 6;
    public const int Double = 9;

    public static byte[] File(params byte[][] variables) =>
        [.. Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file, written by a test".PadRight(124)), 0, 1, (byte)'I', (byte)'M', .. variables.SelectMany(v => v)];

    /// <summary>The numbers [rows, columns, …], stored as <paramref name="type"/>; the first axis fastest.</summary>
    public static byte[] Numbers(string name, int kind, int[] dimensions, int type, byte[] values) => Array(kind, name, dimensions, Element(type, values));

    public static byte[] Bytes(string name, int[] dimensions, byte[] values) => Numbers(name, kind: 9, dimensions, UInt8, values);

    public static byte[] Doubles(string name, int[] dimensions, params double[] values) =>
        Numbers(name, kind: 6, dimensions, Double, [.. values.SelectMany(BitConverter.GetBytes)]);

    public static byte[] Text(string name, string text) => Array(4, name, [1, text.Length], Element(UInt16, Encoding.Unicode.GetBytes(text)));

    public static byte[] Cells(string name, params byte[][] items) => Array(1, name, [1, items.Length], items);

    public static byte[] Struct(string name, params (string Field, byte[] Value)[] fields) => Array(2, name, [1, 1],
        [Element(Int32, BitConverter.GetBytes(32)), Element(Int8, [.. fields.SelectMany(f => Encoding.ASCII.GetBytes(f.Field.PadRight(32, '\0')))]), .. fields.Select(f => f.Value)]);

    /// <summary>As <c>save -v7</c> packs a variable.</summary>
    public static byte[] Packed(byte[] variable)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
            zlib.Write(variable);
        var bytes = packed.ToArray();
        return [.. BitConverter.GetBytes(15), .. BitConverter.GetBytes(bytes.Length), .. bytes];
    }

    /// <summary>A tag and its data; up to four bytes go into the tag.</summary>
    public static byte[] Element(int type, byte[] data) => data.Length is > 0 and <= 4
        ? [.. BitConverter.GetBytes(type | (data.Length << 16)), .. data, .. new byte[4 - data.Length]]
        : [.. BitConverter.GetBytes(type), .. BitConverter.GetBytes(data.Length), .. data, .. new byte[-data.Length & 7]];

    public static byte[] Array(int kind, string name, int[] dimensions, params byte[][] content)
    {
        byte[] inner =
        [
            .. Element(UInt32, [(byte)kind, 0, 0, 0, 0, 0, 0, 0]),
            .. Element(Int32, [.. dimensions.SelectMany(BitConverter.GetBytes)]),
            .. Element(Int8, Encoding.ASCII.GetBytes(name)),
            .. content.SelectMany(c => c),
        ];
        return [.. BitConverter.GetBytes(14), .. BitConverter.GetBytes(inner.Length), .. inner];
    }
}
