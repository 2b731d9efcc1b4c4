using CsCheck;
using KdMtlBench.Host.Benchmarks.MultiMnist;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Benchmarks.MultiMnist;

public sealed class IdxFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kdmtl-idx-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Images_of_any_size_come_back_as_they_were_written()
    {
        var sizes = Gen.Select(Gen.Int[1, 7], Gen.Int[1, 9], Gen.Int[1, 11], Gen.Bool);
        sizes.SelectMany((count, height, width, packed) =>
                Gen.Byte.Array[count * height * width].Select(pixels => (count, height, width, packed, pixels)))
            .Sample(
                sample =>
                {
                    var content = Idx.Images(sample.count, sample.height, sample.width, sample.pixels);
                    var images = IdxFile.ReadImages(Write("images", sample.packed ? Idx.Gzip(content) : content));
                    images.ShouldSatisfyAllConditions(
                        () => (images.Count, images.Height, images.Width).ShouldBe((sample.count, sample.height, sample.width)),
                        () => images.Pixels.ShouldBe(sample.pixels));
                },
                iter: 300,
                threads: 1);
    }

    [Fact]
    public void Labels_of_any_number_come_back_as_they_were_written() =>
        Gen.Select(Gen.Byte.Array[1, 200], Gen.Bool).Sample(
            (labels, packed) =>
            {
                var content = Idx.Labels(labels);
                IdxFile.ReadLabels(Write("labels", packed ? Idx.Gzip(content) : content)).ShouldBe(labels);
            },
            iter: 300,
            threads: 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_larger_than_the_first_buffer_is_read_whole(bool packed)
    {
        var pixels = new byte[3 * 1024 * 1024 + 12];
        new Random(1).NextBytes(pixels);
        var content = Idx.Images(pixels.Length / 4, 2, 2, pixels);

        IdxFile.ReadImages(Write("large", packed ? Idx.Gzip(content) : content)).Pixels.AsSpan().SequenceEqual(pixels).ShouldBeTrue();
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var path = Path.Combine(_folder, "absent");
        Fault(path).ShouldStartWith($"{path}: cannot be read (Could not find file");
    }

    [Fact]
    public void A_folder_in_a_files_place_is_named() => Fault(_folder).ShouldStartWith($"{_folder}: cannot be read (");

    public static TheoryData<string, byte[], string> BadImages
    {
        get
        {
            byte[] good = Idx.Images(2, 1, 2, [1, 2, 3, 4]);
            return new()
            {
                { "empty", [], "ends at byte 0, within the 16 bytes of the header of IDX images" },
                { "cut in the magic number", good[..3], "ends at byte 3, within the 16 bytes of the header of IDX images" },
                { "cut in the header", good[..13], "ends at byte 13, within the 16 bytes of the header of IDX images" },
                { "cut in the values", good[..18], "ends at byte 18, but its header promises 2×1×2 values up to byte 20" },
                { "a byte too many", [.. good, 0], "goes on after byte 20, where its header's 2×1×2 values end" },
                { "labels", Idx.Labels(new byte[9]), "starts with 0x00000801, but IDX images start with 0x00000803, or gzipped with 0x1f8b" },
                { "a web page", "<!DOCTYPE html>"u8.ToArray(), "starts with 0x3c21444f, but IDX images start with 0x00000803, or gzipped with 0x1f8b" },
                { "no images", Idx.Images(0, 28, 28, []), "byte 4 gives the size 0×28×28, but 1 to 1073741824 values are expected" },
                { "too many", Idx.Images(-1, -1, -1, []), "byte 4 gives the size 4294967295×4294967295×4294967295, but 1 to 1073741824 values are expected" },
                { "just too many", Idx.Images(1 << 30, 1, 2, []), "byte 4 gives the size 1073741824×1×2, but 1 to 1073741824 values are expected" },
                { "a gzip of too little", Idx.Gzip(good[..18]), "ends at byte 18, but its header promises 2×1×2 values up to byte 20" },
                { "a gzip of too much", Idx.Gzip([.. good, 0]), "goes on after byte 20, where its header's 2×1×2 values end" },
                { "a gzip's first bytes only", [0x1f, 0x8b, 8, 77], "the gzip is damaged or cut off (" },
            };
        }
    }

    [Theory]
    [MemberData(nameof(BadImages))]
    public void A_bad_file_is_refused_with_what_was_expected(string name, byte[] content, string fault)
    {
        var path = Write(name, content);
        var message = Fault(path);

        message.ShouldStartWith($"{path}: {fault}");
        message.ShouldEndWith("; put the original file in its place");
    }

    [Fact]
    public void A_changed_byte_in_a_gzip_is_found()
    {
        var packed = Idx.Gzip(Idx.Images(1, 28, 28, new byte[784]));
        packed[^6] ^= 1;

        Fault(Write("changed.gz", packed)).ShouldContain("the gzip is damaged or cut off (");
    }

    [Fact]
    public void A_gzip_cut_anywhere_is_refused()
    {
        var packed = Idx.Gzip(Idx.Images(1, 5, 5, [.. Enumerable.Range(0, 25).Select(i => (byte)i)]));
        for (var length = 0; length < packed.Length; length++)
            Fault(Write("cut.gz", packed[..length])).ShouldContain("cut.gz: ", customMessage: $"cut to {length} bytes");
    }

    [Fact]
    public void A_gzip_with_something_behind_it_is_refused() =>
        Fault(Write("padded.gz", [.. Idx.Gzip(Idx.Images(1, 1, 1, [7])), 0])).ShouldContain("the gzip is cut off or padded");

    [Fact]
    public void A_size_that_is_only_promised_is_not_allocated()
    {
        var path = Write("promise", Idx.Images(1 << 20, 32, 32, new byte[100]));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Fault(path).ShouldContain("ends at byte 116, but its header promises 1048576×32×32 values");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(4L << 20);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_damage_gives_right_data_or_a_clear_refusal(bool packed)
    {
        var random = new Random(20180);
        var pixels = new byte[5 * 4 * 3];
        random.NextBytes(pixels);
        var content = Idx.Images(5, 4, 3, pixels);
        var good = packed ? Idx.Gzip(content) : content;
        var (accepted, refused) = (0, 0);

        for (var i = 0; i < 2500; i++)
        {
            var damaged = Damage(good, random);
            var path = Write("damaged", damaged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var images = IdxFile.ReadImages(path);
                Idx.Images(images.Count, images.Height, images.Width, images.Pixels).ShouldBe(packed ? content : damaged);
                accepted++;
            }
            catch (InputException e)
            {
                e.Message.ShouldStartWith(path);
                refused++;
            }

            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(4L << 20);
        }

        accepted.ShouldBeGreaterThan(50);
        refused.ShouldBeGreaterThan(1000);
    }

    [RealDataFact("mnist/train-images-idx3-ubyte.gz")]
    public void Real_mnist_has_its_known_counts_labels_and_sums()
    {
        var train = LabelledImages.Read(Real("train-images-idx3-ubyte.gz"), Real("train-labels-idx1-ubyte.gz"));
        var test = LabelledImages.Read(Real("t10k-images-idx3-ubyte.gz"), Real("t10k-labels-idx1-ubyte.gz"));

        (train.Count, test.Count).ShouldBe((60000, 10000));
        train.Labels[..10].ShouldBe(new byte[] { 5, 0, 4, 1, 9, 2, 1, 3, 1, 4 });
        test.Labels[..10].ShouldBe(new byte[] { 7, 2, 1, 0, 4, 1, 4, 9, 5, 9 });
        train.Labels.Count(label => label == 0).ShouldBe(5923);
        Sum(train.Pixels).ShouldBe(1567298545);
        Sum(test.Pixels).ShouldBe(264923200);
        Sum(train[0]).ShouldBe(27525);
        Sum(train[59999]).ShouldBe(20920);

        static string Real(string name) => Path.Combine(Repository.SharedData!, "mnist", name);

        static long Sum(ReadOnlySpan<byte> pixels)
        {
            long sum = 0;
            foreach (var pixel in pixels)
                sum += pixel;
            return sum;
        }
    }

    /// <summary>One to three bytes changed, inserted or removed, or the end cut off.</summary>
    private static byte[] Damage(byte[] good, Random random)
    {
        var bytes = good.ToList();
        for (var i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes.Insert(at, (byte)random.Next(256)); break;
                case 1: bytes.RemoveAt(at); break;
                case 2: bytes.RemoveRange(at, bytes.Count - at); break;
                case 3: bytes[random.Next(Math.Min(20, bytes.Count))] = (byte)random.Next(256); break;
                default: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            }
        }

        return [.. bytes];
    }

    private string Write(string name, byte[] content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static string Fault(string path) => Should.Throw<InputException>(() => IdxFile.ReadImages(path)).Message;
}
