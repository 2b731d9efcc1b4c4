using CsCheck;

namespace KdMtlBench.Tests.Benchmarks.Tasks;

/// <summary>Random predictions and targets as flat arrays, [batch, channels, pixels], for computing by hand what a task computes.</summary>
internal sealed record Images(int Batch, int Height, int Width, double VoidShare, int Seed)
{
    /// <summary>Of all sizes; with no void pixel, some, or nothing else.</summary>
    public static Gen<Images> Any { get; } = Gen.Select(
        Gen.Int[1, 4], Gen.Int[1, 6], Gen.Int[1, 6], Gen.OneOf(Gen.Const(0.0), Gen.Const(1.0), Gen.Double[0, 1]), Gen.Int,
        (batch, height, width, voidShare, seed) => new Images(batch, height, width, voidShare, seed));

    public int Pixels => Height * Width;

    /// <summary>Image and pixel of every place.</summary>
    public IEnumerable<(int Image, int Pixel)> Places =>
        from image in Enumerable.Range(0, Batch) from pixel in Enumerable.Range(0, Pixels) select (image, pixel);

    /// <summary>Normal numbers; every <paramref name="stream"/> gives others.</summary>
    public float[] Values(int channels, int stream)
    {
        var random = new Random(unchecked((Seed * 31) + stream));
        return [.. Enumerable.Range(0, Batch * channels * Pixels).Select(_ => (float)Normal(random))];
    }

    /// <summary>True where a pixel has a truth.</summary>
    public bool[] Valid()
    {
        var random = new Random(Seed);
        return [.. Enumerable.Range(0, Batch * Pixels).Select(_ => random.NextDouble() >= VoidShare)];
    }

    /// <summary>Class indices, −1 where void.</summary>
    public long[] Labels(int classes)
    {
        var random = new Random(unchecked((Seed * 31) + classes));
        return [.. Valid().Select(valid => valid ? random.Next(classes) : -1L)];
    }

    /// <summary>Distances from 0.1 m to about 5 m, 0 where void.</summary>
    public float[] Distances() => [.. Valid().Zip(Values(1, stream: 1), (valid, value) => valid ? 0.1f + Math.Abs(value) : 0)];

    /// <summary>Unit vectors, zero where void.</summary>
    public float[] Normals()
    {
        var (vectors, valid) = (Values(3, stream: 2), Valid());
        foreach (var (image, pixel) in Places)
        {
            var length = valid[(image * Pixels) + pixel] ? Length(vectors, image, pixel) : double.PositiveInfinity;
            for (var axis = 0; axis < 3; axis++)
                vectors[At(3, image, axis, pixel)] = (float)(vectors[At(3, image, axis, pixel)] / length);
        }

        return vectors;
    }

    /// <summary>Index of a value in a flat array.</summary>
    public int At(int channels, int image, int channel, int pixel) => (((image * channels) + channel) * Pixels) + pixel;

    /// <summary>Length of the vector at a pixel.</summary>
    public double Length(float[] vectors, int image, int pixel) => Math.Sqrt(Dot(vectors, vectors, image, pixel));

    /// <summary>Inner product of two vectors at a pixel.</summary>
    public double Dot(float[] a, float[] b, int image, int pixel) =>
        Enumerable.Range(0, 3).Sum(axis => (double)a[At(3, image, axis, pixel)] * b[At(3, image, axis, pixel)]);

    /// <summary>[batch, channels, height, width].</summary>
    public Tensor Maps(float[] values) => tensor(values).reshape(Batch, -1, Height, Width);

    /// <summary>[batch, height, width].</summary>
    public Tensor Maps(long[] labels) => tensor(labels).reshape(Batch, Height, Width);

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

internal static class Closeness
{
    /// <summary>Within the tolerance, or both not a number.</summary>
    public static void ShouldBeClose(this double actual, double expected, double tolerance)
    {
        if (double.IsNaN(expected))
            actual.ShouldBe(double.NaN);
        else
            actual.ShouldBe(expected, tolerance);
    }
}
