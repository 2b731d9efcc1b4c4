using KdMtlBench.Host.Formats;
using KdMtlBench.Tests.Support;
using SkiaSharp;

namespace KdMtlBench.Tests.Formats;

public sealed class PngImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(8, 0, 1)]
    [InlineData(16, 0, 2)]
    [InlineData(8, 2, 3)]
    [InlineData(16, 2, 6)]
    [InlineData(8, 4, 2)]
    [InlineData(8, 6, 4)]
    [InlineData(16, 6, 8)]
    public void Every_filter_gives_back_what_was_written(int bits, int colorType, int pixelBytes)
    {
        const int width = 37, height = 11;
        var rows = new byte[height * width * pixelBytes];
        new Random(1).NextBytes(rows);
        var image = PngImage.Read(Write(Png.Write(width, height, bits, colorType, rows, [0, 1, 2, 3, 4, 4, 3, 2, 1])));

        (image.Width, image.Height, image.Bits, image.Channels * image.Bits / 8).ShouldBe((width, height, bits, pixelBytes));
        (bits == 8 ? image.Samples : [.. image.Words.ToArray().SelectMany(word => new[] { (byte)(word >> 8), (byte)word })]).ShouldBe(rows);
    }

    [Theory]
    [InlineData(1, new byte[] { 0b10110000, 0b01000000 }, new byte[] { 255, 0, 255, 0, 255, 0 })]
    [InlineData(2, new byte[] { 0b00011000, 0b11000000 }, new byte[] { 0, 85, 170, 255, 0, 0 })]
    [InlineData(4, new byte[] { 0x0f, 0x80, 0x1f, 0x20 }, new byte[] { 0, 255, 136, 17, 255, 34 })]
    public void Few_bits_are_scaled_to_eight(int bits, byte[] rows, byte[] expected) =>
        PngImage.Read(Write(Png.Write(3, 2, bits, 0, rows))).Samples.ShouldBe(expected);

    [Fact]
    public void A_palette_is_looked_up() =>
        PngImage.Read(Write(Png.Write(3, 1, 2, 3, [0b01001000], palette: [1, 2, 3, 4, 5, 6, 7, 8, 9]))).Samples.ShouldBe(new byte[] { 4, 5, 6, 1, 2, 3, 7, 8, 9 });

    [Fact]
    public void A_colour_outside_the_palette_is_refused() =>
        Fault(Png.Write(3, 1, 2, 3, [0b11000000], palette: [1, 2, 3])).ShouldContain("pixel 0 has colour 3, but the palette has 1");

    [Fact]
    public void Interlacing_is_refused_by_name()
    {
        var content = Png.Grey(1, 1, [7]);
        content[28] = 1;
        var sum = Png.Crc(content[12..29]);
        (content[29], content[30], content[31], content[32]) = ((byte)(sum >> 24), (byte)(sum >> 16), (byte)(sum >> 8), (byte)sum);

        Fault(content).ShouldContain("byte 28: interlaced pictures are not read");
    }

    [Fact]
    public void A_size_that_is_only_promised_is_not_allocated()
    {
        var content = Png.Write(65536, 30000, 8, 2, new byte[30000]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Fault(content).ShouldContain("65536×30000 pixels of 24 bits do not fit into the");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1L << 20);
    }

    [Fact]
    public void Damaged_files_give_the_right_pixels_or_a_clear_refusal()
    {
        var rows = new byte[40 * 30 * 3];
        new Random(1).NextBytes(rows);
        var good = Png.Write(40, 30, 8, 2, rows, [0, 1, 2, 3, 4]);
        var path = _folder.File("damaged.png");

        var (_, refused) = Damage.Try(path, good, seed: 1, _ => PngImage.Read(path).Samples.ShouldBe(rows));

        refused.ShouldBeGreaterThan(2000);
    }

    [RealDataFact("cityscapes")]
    public void Real_pictures_of_eight_bits_are_as_skia_decodes_them()
    {
        foreach (var path in Directory.EnumerateFiles(Repository.SharedData!, "*.png", SearchOption.AllDirectories))
        {
            var image = PngImage.Read(path);
            if (image.Bits == 16)
                continue;
            using var skia = SKBitmap.Decode(path, new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
            skia.GetPixelSpan().ToArray().Chunk(4).SelectMany(pixel => pixel.Take(image.Channels)).SequenceEqual(image.Samples).ShouldBeTrue(path);
        }
    }

    [RealDataFact("nyuv2/sample-433/depth_gt_000433.png")]
    public void A_real_depth_map_keeps_all_of_its_sixteen_bits()
    {
        var depth = PngImage.Read(Path.Combine(Repository.SharedData!, "nyuv2/sample-433/depth_gt_000433.png"));

        (depth.Width, depth.Height, depth.Bits).ShouldBe((640, 480, 16));
        // As Python's Pillow reads them.
        depth.Words[240 * 640 + 320].ShouldBe((ushort)24568);
        (depth.Words.ToArray().Max(), depth.Words.ToArray().Count(value => value == 0)).ShouldBe(((ushort)29649, 105021));
    }

    private string Write(byte[] content)
    {
        var path = _folder.File("picture.png");
        File.WriteAllBytes(path, content);
        return path;
    }

    private string Fault(byte[] content) => Should.Throw<InputException>(() => PngImage.Read(Write(content))).Message;
}
