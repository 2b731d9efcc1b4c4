using System.Numerics;

namespace KdMtlBench.Host.Benchmarks.Pictures;

/// <summary>Brings pictures of one size to another as image programs do: each new pixel is a mean of the old ones around its
/// place, weighted by a triangle as wide as two new pixels, or two old ones where those are larger.</summary>
internal sealed class Resampling
{
    private static readonly int Together = Vector<float>.Count;

    private readonly int _rowLength;
    private readonly Taps[] _rows;
    private readonly Taps[] _columns;

    public Resampling(int height, int width, int newHeight, int newWidth)
    {
        _rowLength = width;
        _rows = Taps.Of(height, newHeight);
        _columns = Taps.Of(width, newWidth);
    }

    /// <summary>For each new place the old one that its centre falls on.</summary>
    public static int[] Nearest(int length, int newLength) => [.. Enumerable.Range(0, newLength).Select(i => (int)((i + 0.5) * length / newLength))];

    /// <summary>Fills [channels, new height, new width] from [height, width, channels], or, transposed, [channels, new width,
    /// new height].</summary>
    public void Apply(ReadOnlySpan<byte> pixels, int channels, Span<byte> result, bool transposed = false)
    {
        var length = _rowLength * channels;
        var row = new float[length];
        var block = new float[length * Together]; // some new rows side by side, a lane a row
        for (var first = 0; first < _rows.Length; first += Together)
        {
            var count = Math.Min(Together, _rows.Length - first);
            for (var lane = 0; lane < count; lane++)
            {
                Array.Clear(row);
                var (from, weights) = _rows[first + lane];
                for (var k = 0; k < weights.Length; k++)
                    AddScaled(row, pixels.Slice((from + k) * length, length), weights[k]);
                for (var i = 0; i < row.Length; i++)
                    block[i * Together + lane] = row[i];
            }

            for (var channel = 0; channel < channels; channel++)
            {
                var plane = result.Slice(channel * _rows.Length * _columns.Length, _rows.Length * _columns.Length);
                if (transposed)
                    Narrow(block, channels, channel, count, plane[first..], 1, _rows.Length);
                else
                    Narrow(block, channels, channel, count, plane[(first * _columns.Length)..], _columns.Length, 1);
            }
        }
    }

    private void Narrow(ReadOnlySpan<float> block, int channels, int channel, int count, Span<byte> result, int rowStride, int columnStride)
    {
        Span<int> rounded = stackalloc int[Together];
        for (var i = 0; i < _columns.Length; i++)
        {
            var (first, weights) = _columns[i];
            var sums = new Vector<float>(0.5f); // to the nearest
            for (var k = 0; k < weights.Length; k++)
                sums += weights[k] * new Vector<float>(block[(((first + k) * channels + channel) * Together)..]);
            Vector.ConvertToInt32(Vector.Min(Vector.Max(sums, Vector<float>.Zero), new Vector<float>(255))).CopyTo(rounded);
            for (var lane = 0; lane < count; lane++)
                result[lane * rowStride + i * columnStride] = (byte)rounded[lane];
        }
    }

    private static void AddScaled(Span<float> sums, ReadOnlySpan<byte> values, float scale)
    {
        var i = 0;
        for (; i <= values.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(values[i..]), out var low, out var high);
            AddFour(sums[i..], low, scale);
            AddFour(sums[(i + Vector<ushort>.Count)..], high, scale);
        }

        for (; i < values.Length; i++)
            sums[i] += scale * values[i];
    }

    private static void AddFour(Span<float> sums, Vector<ushort> values, float scale)
    {
        Vector.Widen(values, out var low, out var high);
        Add(sums, low);
        Add(sums[Vector<float>.Count..], high);

        void Add(Span<float> some, Vector<uint> more) =>
            (new Vector<float>(some) + Vector.ConvertToSingle(Vector.AsVectorInt32(more)) * scale).CopyTo(some);
    }

    /// <summary>The old places that one new place is a mean of.</summary>
    private readonly record struct Taps(int First, float[] Weights)
    {
        public static Taps[] Of(int length, int newLength) => [.. Enumerable.Range(0, newLength).Select(i => At(i, length, (double)length / newLength))];

        private static Taps At(int i, int length, double scale)
        {
            var reach = Math.Max(1, scale);
            var centre = (i + 0.5) * scale - 0.5;
            var first = Math.Max(0, (int)Math.Ceiling(centre - reach));
            var last = Math.Min(length - 1, (int)Math.Floor(centre + reach));
            var weights = Enumerable.Range(first, last - first + 1).Select(j => 1 - Math.Abs(j - centre) / reach).ToArray();
            var sum = weights.Sum();
            return new Taps(first, [.. weights.Select(weight => (float)(weight / sum))]);
        }
    }
}
