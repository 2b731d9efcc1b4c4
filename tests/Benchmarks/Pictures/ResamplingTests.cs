using KdMtlBench.Host.Benchmarks.Pictures;
using KdMtlBench.Host.Formats;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Benchmarks.Pictures;

public sealed class ResamplingTests
{
    [Theory]
    [InlineData(6, 80)]
    [InlineData(3, 5)]
    [InlineData(1, 1)]
    [InlineData(13, 99)]
    public void A_uniform_picture_stays_uniform_at_any_size(int height, int width)
    {
        var result = new byte[3 * height * width];
        new Resampling(6, 80, height, width).Apply(Enumerable.Repeat((byte)77, 6 * 80 * 3).ToArray(), 3, result);
        result.ShouldAllBe(pixel => pixel == 77);
    }

    [Fact]
    public void The_same_size_changes_nothing_but_the_order()
    {
        var pixels = new byte[5 * 70 * 3];
        new Random(1).NextBytes(pixels);
        var result = new byte[pixels.Length];
        new Resampling(5, 70, 5, 70).Apply(pixels, 3, result);
        for (var i = 0; i < result.Length; i++)
            result[i].ShouldBe(pixels[i % 350 * 3 + i / 350]);
    }

    [Theory]
    [InlineData(480, 288, 0, 0)]
    [InlineData(480, 288, 287, 479)]
    [InlineData(1024, 128, 1, 12)]
    [InlineData(3, 6, 5, 2)]
    public void The_nearest_place_is_under_the_centre(int length, int newLength, int place, int expected) =>
        Resampling.Nearest(length, newLength)[place].ShouldBe(expected);

    [RealDataFact("nyuv2/sample-433/000433.png")]
    public void A_real_picture_is_made_smaller_as_pillow_does()
    {
        var image = PngImage.Read(Path.Combine(Repository.SharedData!, "nyuv2/sample-433/000433.png"));
        var small = new byte[3 * 288 * 384];
        new Resampling(image.Height, image.Width, 288, 384).Apply(image.Samples, 3, small);

        // Pillow 9.4: Image.resize((384, 288), Image.BILINEAR), red, green and blue at (row, column).
        foreach (var (row, column, expected) in new[] { (0, 0, new[] { 255, 255, 255 }), (100, 200, new[] { 226, 207, 208 }), (144, 30, new[] { 200, 185, 199 }), (287, 383, new[] { 255, 255, 255 }), (60, 333, new[] { 254, 254, 254 }) })
            for (var channel = 0; channel < 3; channel++)
                ((int)small[(channel * 288 + row) * 384 + column]).ShouldBeInRange(expected[channel] - 1, expected[channel] + 1);
    }
}
