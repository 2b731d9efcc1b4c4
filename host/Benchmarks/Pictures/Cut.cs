using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Pictures;

/// <summary>The part of a picture that a batch shows, stretched to the batch's size; in pixels of the picture, from the
/// edge of the first pixel, so whole numbers lie between pixels.</summary>
/// <param name="Top">Upper edge.</param>
/// <param name="Left">Left edge.</param>
/// <param name="Height">Of the part.</param>
/// <param name="Width">Of the part.</param>
/// <param name="Mirrored">Left and right change places.</param>
internal readonly record struct Cut(double Top, double Left, double Height, double Width, bool Mirrored = false)
{
    /// <summary>The whole picture.</summary>
    public static Cut Whole(long height, long width) => new(0, 0, height, width);
}

/// <summary>Cuts one part out of each picture of a batch, on the pictures' device.</summary>
internal static class Cutting
{
    /// <summary>Pixels between the pictures' own are interpolated: [batch, channels, height, width].</summary>
    /// <param name="pictures">[batch, channels, …, …] float32.</param>
    /// <param name="cuts">One a picture.</param>
    /// <param name="height">Of the result.</param>
    /// <param name="width">Of the result.</param>
    public static Tensor Smooth(Tensor pictures, IReadOnlyList<Cut> cuts, long height, long width)
    {
        var (rows, columns) = (pictures.shape[2], pictures.shape[3]);
        // From the result's coordinates to the picture's, both −1 at the first edge and 1 at the last.
        var maps = new float[cuts.Count * 6];
        for (var i = 0; i < cuts.Count; i++)
        {
            var cut = cuts[i];
            var map = maps.AsSpan(6 * i, 6);
            map[0] = (float)((cut.Mirrored ? -1 : 1) * cut.Width / columns);
            map[2] = (float)((2 * cut.Left + cut.Width) / columns - 1);
            map[4] = (float)(cut.Height / rows);
            map[5] = (float)((2 * cut.Top + cut.Height) / rows - 1);
        }

        var grid = nn.functional.affine_grid(tensor(maps, [cuts.Count, 2, 3]).to(pictures.device), [cuts.Count, 1, height, width], align_corners: false);
        return nn.functional.grid_sample(pictures, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Border, align_corners: false);
    }

    /// <summary>Each pixel is one of the picture's own: [batch, channels, height, width] of the stored type.</summary>
    /// <param name="stored">[samples, channels, …, …] of any type.</param>
    /// <param name="samples">[batch] int64.</param>
    /// <param name="cuts">One a picture.</param>
    /// <param name="height">Of the result.</param>
    /// <param name="width">Of the result.</param>
    public static Tensor Nearest(Tensor stored, Tensor samples, IReadOnlyList<Cut> cuts, long height, long width)
    {
        var (channels, rows, columns) = (stored.shape[1], stored.shape[2], stored.shape[3]);
        var rowsOf = Places(cuts, height, rows, cut => (cut.Top, cut.Height, false));
        var columnsOf = Places(cuts, width, columns, cut => (cut.Left, cut.Width, cut.Mirrored));
        return stored.index(
            TensorIndex.Tensor(samples.view(-1, 1, 1, 1)),
            TensorIndex.Tensor(arange(channels, dtype: ScalarType.Int64, device: stored.device).view(1, -1, 1, 1)),
            TensorIndex.Tensor(rowsOf.to(stored.device).view(-1, 1, height, 1)),
            TensorIndex.Tensor(columnsOf.to(stored.device).view(-1, 1, 1, width)));
    }

    /// <summary>[batch, length]: which row or column of the picture stands where.</summary>
    private static Tensor Places(IReadOnlyList<Cut> cuts, long length, long last, Func<Cut, (double Start, double Extent, bool Mirrored)> edges)
    {
        var places = new long[cuts.Count * length];
        for (var i = 0; i < cuts.Count; i++)
        {
            var (start, extent, mirrored) = edges(cuts[i]);
            for (var to = 0; to < length; to++)
            {
                var from = (long)(start + (to + 0.5) * extent / length);
                places[i * length + (mirrored ? length - 1 - to : to)] = Math.Clamp(from, 0, last - 1);
            }
        }

        return tensor(places, [cuts.Count, length]);
    }
}
