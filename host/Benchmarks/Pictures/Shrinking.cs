using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Pictures;

/// <summary>Makes pictures smaller: each new pixel is a mean of the old ones under it, weighted by a triangle twice as wide
/// as itself, as image programs do.</summary>
internal static class Shrinking
{
    /// <summary>[pictures, channels, height, width] float32 of [pictures, channels, …, …] uint8 or float32.</summary>
    public static Tensor To(Tensor pictures, long height, long width)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = (Weights(pictures.shape[2], height), Weights(pictures.shape[3], width));
        return rows.matmul(pictures.to(ScalarType.Float32)).matmul(columns.t()).MoveToOuterDisposeScope();
    }

    /// <summary>The same, rounded: [pictures, channels, height, width] uint8.</summary>
    public static Tensor ToBytes(Tensor pictures, long height, long width)
    {
        using var scope = NewDisposeScope();
        return To(pictures, height, width).round_().clamp_(0, 255).to(ScalarType.Byte).MoveToOuterDisposeScope();
    }

    /// <summary>[to, from]; each row's sum is 1.</summary>
    private static Tensor Weights(long from, long to)
    {
        var scale = (double)from / to;
        var reach = Math.Max(1, scale);
        var weights = new float[to * from];
        for (var i = 0; i < to; i++)
        {
            var row = weights.AsSpan((int)(i * from), (int)from);
            var centre = (i + 0.5) * scale - 0.5;
            for (var j = 0; j < from; j++)
                row[j] = (float)Math.Max(0, 1 - Math.Abs(j - centre) / reach);
            var sum = 0f;
            foreach (var weight in row)
                sum += weight;
            for (var j = 0; j < from; j++)
                row[j] /= sum;
        }

        return tensor(weights, [to, from]);
    }
}
