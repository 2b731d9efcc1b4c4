using KdMtlBench.Host.Formats;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Formats;

public sealed class Mat5FileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Numbers_are_read_packed_or_not(bool packed)
    {
        var (bytes, doubles) = (Mat5.Bytes("X", [2, 3], [1, 2, 3, 4, 5, 6]), Mat5.Doubles("y", [1, 2], 0.5, -7));
        var values = Read(Mat5.File(packed ? Mat5.Packed(bytes) : bytes, packed ? Mat5.Packed(doubles) : doubles), "X", "y");

        var x = values["X"].ShouldBeOfType<MatNumbers>();
        x.Dimensions.ShouldBe([2, 3]);
        x.Type.ShouldBe(MatNumberType.UInt8);
        x.Bytes.ShouldBe(new byte[] { 1, 2, 3, 4, 5, 6 });
        values["y"].ShouldBeOfType<MatNumbers>().ToDoubles().ShouldBe([0.5, -7]);
    }

    [Fact]
    public void Doubles_that_are_stored_as_bytes_are_read() =>
        Numbers(Mat5.Numbers("y", kind: 6, [3, 1], Mat5.UInt8, [1, 2, 10]), "y").ToDoubles().ShouldBe([1, 2, 10]);

    [Fact]
    public void Text_cells_and_structures_are_read()
    {
        var values = Read(
            Mat5.File(Mat5.Packed(Mat5.Struct("map", ("names", Mat5.Cells("", Mat5.Text("", "bed"), Mat5.Text("", "büro"))), ("of", Mat5.Bytes("", [1, 2], [7, 8]))))),
            "map");

        var map = values["map"].ShouldBeOfType<MatStructs>();
        map.Fields.Keys.ShouldBe(["names", "of"]);
        map.Fields["names"].Single().ShouldBeOfType<MatCells>().Items.Cast<MatText>().Select(text => text.Text).ShouldBe(["bed", "büro"]);
        map.Fields["of"].Single().ShouldBeOfType<MatNumbers>().Bytes.ShouldBe(new byte[] { 7, 8 });
    }

    [Fact]
    public void What_is_not_asked_for_may_be_anything()
    {
        var handle = Mat5.Array(16, "", [1, 1], Mat5.Element(1, [1, 2, 3]));
        Read(Mat5.File(handle, Mat5.Packed(handle), Mat5.Bytes("X", [1, 1], [9])), "X")["X"].ShouldBeOfType<MatNumbers>().Bytes.ShouldBe(new byte[] { 9 });
    }

    public static TheoryData<string, byte[], string> Bad
    {
        get
        {
            var x = Mat5.Bytes("X", [1, 4], [1, 2, 3, 4]);
            return new()
            {
                { "empty", [], "byte 0: not a MATLAB level-5 file" },
                { "MATLAB 7.3", [.. "MATLAB 7.3 MAT-file"u8, .. new byte[200]], "byte 0: this is a MATLAB 7.3 file" },
                { "no such variable", Mat5.File(Mat5.Bytes("Y", [1, 1], [1])), "the variable X is not in it" },
                { "cut in the numbers", Mat5.File(x)[..^4], "byte 128: a variable of 48 bytes goes beyond the end of the file" },
                { "cut in the packed numbers", Mat5.File(Mat5.Packed(x))[..^4], "byte 128: a variable of" },
                { "packed without a checksum", Mat5.File(WithoutChecksum(Mat5.Packed(x))), "byte 128: a compressed variable's checksum does not fit its content" },
                { "more numbers promised", Mat5.File(Mat5.Bytes("X", [1, 5], [1, 2, 3, 4])), "1×5 numbers of 1 bytes are promised, but 4 bytes stand there" },
                { "a negative length", Mat5.File(Mat5.Bytes("X", [1, -4], [1, 2, 3, 4])), "the dimensions 1×-4 are not" },
                { "a huge array", Mat5.File(Mat5.Bytes("X", [65536, 65536], [1, 2, 3, 4])), "the dimensions 65536×65536 are not" },
                { "a sparse array", Mat5.File(Mat5.Array(5, "X", [1, 1], Mat5.Element(1, [1]))), "arrays of class 5 are not read" },
                { "another type at the top", Mat5.File(Mat5.Element(9, new byte[16])), "byte 128: a variable is of type 14 or 15, not 9" },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_file_is_refused_with_what_is_wrong(string name, byte[] content, string fault) =>
        Should.Throw<InputException>(() => Read(content, "X")).Message.ShouldContain(fault, customMessage: name);

    [Fact]
    public void Cells_within_cells_without_end_are_refused()
    {
        var cell = Mat5.Bytes("", [1, 1], [1]);
        for (var i = 0; i < 100; i++)
            cell = Mat5.Cells("X", cell);

        Should.Throw<InputException>(() => Read(Mat5.File(cell), "X")).Message.ShouldContain("cells or structures lie more than 16 deep");
    }

    [Fact]
    public void A_length_that_is_only_promised_is_not_allocated()
    {
        // 2 GiB of numbers, of which a few bytes follow.
        byte[] promise = [.. BitConverter.GetBytes(14), .. BitConverter.GetBytes(int.MaxValue), .. Mat5.Bytes("X", [int.MaxValue, 1], new byte[8])[8..^16],
            .. BitConverter.GetBytes(2), .. BitConverter.GetBytes(int.MaxValue - 56), 1, 2, 3];
        var content = Mat5.File(Mat5.Packed(promise));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Should.Throw<InputException>(() => Read(content, "X"));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(4L << 20);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_files_give_right_numbers_or_a_clear_refusal(bool packed)
    {
        var values = new byte[200];
        new Random(1).NextBytes(values);
        var variable = Mat5.Struct("map", ("x", Mat5.Cells("", Mat5.Bytes("", [20, 10], values))), ("name", Mat5.Text("", "a name")));
        var good = Mat5.File(packed ? Mat5.Packed(variable) : variable);
        var path = _folder.File("damaged.mat");

        var (accepted, refused) = Damage.Try(path, good, seed: 3, damaged =>
        {
            if (Mat5File.Read(path, "map")["map"] is not MatStructs map || !map.Fields.TryGetValue("x", out var x) || x is not [MatCells { Items: [MatNumbers numbers] }])
                packed.ShouldBeFalse(); // uncompressed, a changed name or class is a file of its own
            else if (packed)
                numbers.Bytes.ShouldBe(values);
            else
                damaged.AsSpan().IndexOf(numbers.Bytes).ShouldBeGreaterThanOrEqualTo(0);
        });

        accepted.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(500);
    }

    [RealDataFact("nyuv2/class13Mapping.mat")]
    public void Real_maps_of_classes_are_read_as_scipy_reads_them()
    {
        var forty = Mat5File.Read(Real("nyuv2/classMapping40.mat"), "mapClass", "className", "allClassName");
        forty["mapClass"].Dimensions.ShouldBe([1, 894]);
        ((MatNumbers)forty["mapClass"]).ToDoubles()[..6].ShouldBe([40, 40, 3, 22, 5, 40]);
        ((MatCells)forty["className"]).Items.Take(3).Cast<MatText>().Select(name => name.Text).ShouldBe(["wall", "floor", "cabinet"]);
        ((MatCells)forty["allClassName"]).Items.Take(3).Cast<MatText>().Select(name => name.Text).ShouldBe(["book", "bottle", "cabinet"]);

        var thirteen = (MatStructs)Mat5File.Read(Real("nyuv2/class13Mapping.mat"), "classMapping13")["classMapping13"];
        ((MatNumbers)thirteen.Fields["labels13"][0]).ToDoubles()[..6].ShouldBe([12, 5, 6, 1, 4, 9]);
        ((MatCells)thirteen.Fields["classNames"][0]).Items.Count.ShouldBe(13);

        var splits = Mat5File.Read(Real("nyuv2/splits.mat"), "trainNdxs", "testNdxs");
        ((MatNumbers)splits["trainNdxs"]).ToDoubles().Length.ShouldBe(795);
        ((MatNumbers)splits["testNdxs"]).ToDoubles()[..3].ShouldBe([1, 2, 9]);
    }

    [RealDataFact("omniglot/data_background_small1.mat")]
    public void Real_omniglot_holds_its_alphabets()
    {
        var values = Mat5File.Read(Real("omniglot/data_background_small1.mat"), "names", "images");

        ((MatCells)values["names"]).Items.Cast<MatText>().Select(name => name.Text).ShouldBe(["Balinese", "Early Aramaic", "Greek", "Korean", "Latin"]);
        var balinese = (MatCells)((MatCells)values["images"]).Items[0];
        balinese.Dimensions.ShouldBe([24, 1]);
        ((MatCells)balinese.Items[0]).Items[0].Dimensions.ShouldBe([105, 105]);
    }

    /// <summary>The decompressor itself takes such data as it is.</summary>
    private static byte[] WithoutChecksum(byte[] packed) =>
        [.. packed[..4], .. BitConverter.GetBytes(packed.Length - 8 - 4), .. packed[8..^4]];

    private static string Real(string path) => Path.Combine(Repository.SharedData!, path);

    private MatNumbers Numbers(byte[] variable, string name) => Read(Mat5.File(variable), name)[name].ShouldBeOfType<MatNumbers>();

    private IReadOnlyDictionary<string, MatValue> Read(byte[] content, params string[] names)
    {
        var path = _folder.File("variables.mat");
        File.WriteAllBytes(path, content);
        return Mat5File.Read(path, names);
    }
}
