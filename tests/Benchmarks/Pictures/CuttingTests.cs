using KdMtlBench.Host.Benchmarks.Pictures;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Benchmarks.Pictures;

public sealed class CuttingTests : TensorTest
{
    private static readonly Cut[] _cuts = [Cut.Whole(6, 8), new(1, 2, 4, 6), new(0.5, 1.25, 5, 4, Mirrored: true)];

    private readonly Tensor _stored = randint(0, 256, [5, 2, 6, 8], generator: new Generator(1)).to(ScalarType.Byte);
    private readonly long[] _samples = [4, 0, 4];

    [Fact]
    public void Nearest_takes_pixels_of_the_picture()
    {
        var parts = Cutting.Nearest(_stored, tensor(_samples), _cuts, 4, 6);

        parts.dtype.ShouldBe(ScalarType.Byte);
        for (var i = 0; i < 3; i++)
            for (var row = 0; row < 4; row++)
                for (var column = 0; column < 6; column++)
                {
                    var (y, x) = Place(_cuts[i], row, column);
                    parts[i, 1, row, column].item<byte>().ShouldBe(_stored[_samples[i], 1, (long)Math.Floor(y), (long)Math.Floor(x)].item<byte>());
                }
    }

    [Fact]
    public void Smooth_interpolates_between_pixel_centres()
    {
        var pictures = _stored.index_select(0, tensor(_samples)).to(ScalarType.Float32);
        var parts = Cutting.Smooth(pictures, _cuts, 4, 6);

        for (var i = 0; i < 3; i++)
            for (var row = 0; row < 4; row++)
                for (var column = 0; column < 6; column++)
                {
                    var (y, x) = Place(_cuts[i], row, column);
                    parts[i, 1, row, column].item<float>().ShouldBe((float)Between(pictures[i, 1], y - 0.5, x - 0.5), 1e-2f);
                }

        static double Between(Tensor picture, double y, double x)
        {
            var (top, left) = (Math.Floor(y), Math.Floor(x));
            double At(double row, double column) => picture[(long)Math.Clamp(row, 0, 5), (long)Math.Clamp(column, 0, 7)].item<float>();
            return (1 - y + top) * ((1 - x + left) * At(top, left) + (x - left) * At(top, left + 1))
                + (y - top) * ((1 - x + left) * At(top + 1, left) + (x - left) * At(top + 1, left + 1));
        }
    }

    [Fact]
    public void Cutting_without_stretching_changes_no_pixel()
    {
        var pictures = _stored[..1].to(ScalarType.Float32);
        var part = Cutting.Smooth(pictures, [new(1, 3, 4, 5)], 4, 5);

        (part - pictures[.., .., 1..5, 3..8]).abs().max().item<float>().ShouldBeLessThan(1e-3f);
    }

    // Where a pixel's centre lies in the picture.
    private static (double Y, double X) Place(Cut cut, int row, int column) =>
        (cut.Top + (row + 0.5) * cut.Height / 4, cut.Left + ((cut.Mirrored ? 5 - column : column) + 0.5) * cut.Width / 6);
}
