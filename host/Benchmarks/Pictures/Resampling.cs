using System.Numerics;

namespace KdMtlBench.Host.Benchmarks.Pictures;

/// <summary>Brings pictures of one size to another as image programs do: each new pixel is a mean of the old ones around its
/// place, weighted by a triangle as wide as two new pixels, or two old ones where those are larger.</summary>
internal sealed class Resampling
{
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

    /// <summary>Fills [channels, new height, new width] from [height, width, channels].</summary>
    public void Apply(ReadOnlySpan<byte> pixels, int channels, Span<byte> result)
    {
        var row = new float[_rowLength * channels];
        for (var i = 0; i < _rows.Length; i++)
        {
            Array.Clear(row);
            foreach (var (from, weight) in _rows[i].All())
                AddScaled(row, pixels.Slice(from * row.Length, row.Length), weight);
            for (var channel = 0; channel < channels; channel++)
                Narrow(row, channels, channel, result.Slice((channel * _rows.Length + i) * _columns.Length, _columns.Length));
        }
    }

    private void Narrow(ReadOnlySpan<float> row, int channels, int channel, Span<byte> result)
    {
        for (var i = 0; i < result.Length; i++)
        {
            var (first, weights) = _columns[i];
            var sum = 0.5f; // to the nearest
            for (var k = 0; k < weights.Length; k++)
                sum += weights[k] * row[(first + k) * channels + channel];
            result[i] = (byte)Math.Clamp(sum, 0, 255);
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

        public IEnumerable<(int From, float Weight)> All()
        {
            for (var k = 0; k < Weights.Length; k++)
                yield return (First + k, Weights[k]);
        }

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
