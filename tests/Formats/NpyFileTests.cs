using System.Buffers.Binary;
using CsCheck;
using KdMtlBench.Host.Formats;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Formats;

public sealed class NpyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, byte[]> Types => new()
    {
        { "<f4", [.. new[] { 1f, -2, 3, 0.5f, 5, 6 }.SelectMany(BitConverter.GetBytes)] },
        { "<f8", [.. new[] { 1.0, -2, 3, 0.5, 5, 6 }.SelectMany(BitConverter.GetBytes)] },
        { "<f2", [.. new[] { 1.0, -2, 3, 0.5, 5, 6 }.SelectMany(value => BitConverter.GetBytes((Half)value))] },
        { ">f4", [.. new[] { 1f, -2, 3, 0.5f, 5, 6 }.SelectMany(BigEndian)] },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Floats_of_any_width_and_byte_order_are_read(string descr, byte[] values) =>
        Read(Npy.Write(descr, "2, 3", values)).ToFloats().ShouldBe([1, -2, 3, 0.5f, 5, 6]);

    [Theory]
    [InlineData("|u1", new byte[] { 1, 255 }, 255)]
    [InlineData("|i1", new byte[] { 1, 255 }, -1)]
    [InlineData("|b1", new byte[] { 1, 1 }, 1)]
    [InlineData("<i2", new byte[] { 1, 0, 0xfe, 0xff }, -2)]
    [InlineData(">i2", new byte[] { 0, 1, 0xff, 0xfe }, -2)]
    [InlineData("<u2", new byte[] { 1, 0, 0xfe, 0xff }, 65534)]
    [InlineData("<i4", new byte[] { 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff }, -1)]
    [InlineData("<u4", new byte[] { 1, 0, 0, 0, 0, 0, 1, 0 }, 65536)]
    [InlineData("<i8", new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, -1)]
    [InlineData("<u8", new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0 }, 7)]
    public void Integers_of_any_width_and_byte_order_are_read(string descr, byte[] values, float second) =>
        Read(Npy.Write(descr, "2,", values)).ToFloats().ShouldBe([1, second]);

    [Fact]
    public void Fortran_order_is_turned_round()
    {
        // Of a[i, j, k] = 100 i + 10 j + k, the first index fastest.
        var values = from k in Enumerable.Range(0, 4) from j in Enumerable.Range(0, 3) from i in Enumerable.Range(0, 2) select (byte)(100 * i + 10 * j + k);
        var array = Read(Npy.Write("|u1", "2, 3, 4", [.. values], fortran: true));

        array.Shape.ShouldBe([2, 3, 4]);
        array.Bytes.ShouldBe(from i in Enumerable.Range(0, 2) from j in Enumerable.Range(0, 3) from k in Enumerable.Range(0, 4) select (byte)(100 * i + 10 * j + k));
    }

    [Fact]
    public void Later_versions_are_read() => Read(Npy.Write("|u1", "2,", [3, 4], version: 3)).Bytes.ShouldBe(new byte[] { 3, 4 });

    [Fact]
    public void What_is_written_is_read_again() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 5]).SelectMany((rows, columns) => Gen.Byte.Array[rows * columns].Select(values => (rows, columns, values))).Sample(
            sample =>
            {
                using var content = new MemoryStream();
                NpyFile.WriteHeader(content, "u1", [sample.rows, sample.columns]);
                content.Length.ShouldBe(128);
                content.Write(sample.values);
                var array = Read(content.ToArray());
                array.Shape.ShouldBe([sample.rows, sample.columns]);
                array.Bytes.ShouldBe(sample.values);
            },
            iter: 100,
            threads: 1);

    public static TheoryData<string, byte[], string> Bad => new()
    {
        { "empty", [], "byte 0: not an .npy file" },
        { "a later version", Npy.Write("|u1", "1,", [1], version: 4), "byte 6: version 4" },
        { "objects", Npy.Write("|O", "1,", [1]), "byte 10: values of type |O are not read" },
        { "complex", Npy.Write("<c8", "1,", new byte[8]), "byte 10: values of type <c8 are not read" },
        { "too few values", Npy.Write("|u1", "2, 3", [1]), "the header promises 2×3 values of 1 bytes, but 1 bytes follow" },
        { "too many values", Npy.Write("|u1", "1,", [1, 2]), "the header promises 1 values of 1 bytes, but 2 bytes follow" },
        { "a huge promise", Npy.Write("<f8", "2147483647, 2147483647, 2147483647", [1]), "but 1 bytes follow" },
        { "a length that is no number", Npy.Write("|u1", "99999999999,", [1]), "the length 99999999999 of an axis is not a number" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_file_is_refused_with_what_is_wrong(string name, byte[] content, string fault) =>
        Should.Throw<InputException>(() => Read(content)).Message.ShouldContain(fault, customMessage: name);

    [Fact]
    public void Damaged_files_give_their_values_or_a_clear_refusal()
    {
        var values = new byte[24 * 4];
        new Random(1).NextBytes(values);
        var good = Npy.Write("<f4", "2, 3, 4", values);
        var path = _folder.File("damaged.npy");

        var (accepted, refused) = Damage.Try(path, good, seed: 2, damaged =>
        {
            var array = NpyFile.Read(path);
            // What a changed header says is another array of the same bytes; values end the file.
            array.Bytes.Length.ShouldBe(array.Count * (array.Type[1] - '0'));
            array.Bytes.Order().ShouldBe(damaged[^array.Bytes.Length..].Order());
            array.ToFloats().Length.ShouldBe(array.Count);
        });

        accepted.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(1000);
    }

    private static byte[] BigEndian(float value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleBigEndian(bytes, value);
        return bytes;
    }

    private NpyArray Read(byte[] content)
    {
        var path = _folder.File("array.npy");
        File.WriteAllBytes(path, content);
        return NpyFile.Read(path);
    }
}
