using System.Runtime.Intrinsics;

namespace KdMtlBench.Host.Benchmarks.NyuV2;

/// <summary>Surface normals from a depth map.</summary>
/// <remarks>
/// On a plane the inverse of the depth is linear in image coordinates; a plane is fitted to it by least squares over the
/// pixels around a place, those left out whose inverse depth is more than a tenth from the middle one's: they lie on
/// something else (Badino et al., «Fast and accurate computation of surface normals from range images», ICRA 2011,
/// unweighted). The camera is the Kinect's colour camera as the data set's toolbox gives it; labelled depths are seen from
/// there.
/// </remarks>
/// <param name="height">Of the depth map, in pixels.</param>
/// <param name="width">Of the depth map, in pixels.</param>
internal sealed class DepthNormals(int height, int width)
{
    private const int Reach = 6;
    private const int Step = 2;
    private const int FewestPixels = 12;
    private const float MostDifference = 0.1f;

    // A window's row is one vector: seven offsets, and a place for none.
    private static readonly Vector256<float> _offsets = Vector256.Create(-6f, -4, -2, 0, 2, 4, 6, 0);
    private static readonly Vector256<float> _seven = Vector256.Create(1f, 1, 1, 1, 1, 1, 1, 0);

    // 1 / depth of each row, its even columns, then its odd ones, with zeros around, so that a window's row lies together.
    private readonly int _half = (width + 1) / 2 + Reach / Step + Vector256<float>.Count;
    private readonly float[] _inverse = new float[height * 2 * ((width + 1) / 2 + Reach / Step + Vector256<float>.Count)];

    // Focal lengths and centre in pixels of the original 640×480.
    private readonly double _focalX = 518.8579 * width / 640;
    private readonly double _focalY = 519.4696 * height / 480;
    private readonly double _centreX = 325.5824 * width / 640;
    private readonly double _centreY = 253.7362 * height / 480;

    /// <summary>Unit normals at chosen places, facing the camera: (right, forward, up); zero where the depth is 0 or too few
    /// pixels around have one.</summary>
    /// <param name="depth">[height, width], metres along the optical axis, 0 invalid.</param>
    /// <param name="rows">Of the places.</param>
    /// <param name="columns">Of the places.</param>
    /// <param name="normals">[3, rows, columns].</param>
    public void Estimate(ReadOnlySpan<float> depth, int[] rows, int[] columns, Span<float> normals)
    {
        Invert(depth);
        var plane = rows.Length * columns.Length;
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                var (right, forward, up) = At(depth, rows[i], columns[j]);
                var place = i * columns.Length + j;
                (normals[place], normals[plane + place], normals[2 * plane + place]) = (right, forward, up);
            }
        }
    }

    private void Invert(ReadOnlySpan<float> depth)
    {
        for (var row = 0; row < height; row++)
        {
            var even = _inverse.AsSpan(row * 2 * _half + Reach / Step, _half - Reach / Step);
            var odd = _inverse.AsSpan((row * 2 + 1) * _half + Reach / Step, _half - Reach / Step);
            for (var column = 0; column < width; column++)
                (column % 2 == 0 ? even : odd)[column / 2] = depth[row * width + column] is > 0 and var metres ? 1 / metres : 0;
        }
    }

    private (float Right, float Forward, float Up) At(ReadOnlySpan<float> depth, int row, int column)
    {
        var middle = depth[row * width + column];
        if (!(middle > 0))
            return default;

        // Sums for the plane a·dx + b·dy + c = middle / depth, with offsets in pixels; a lane is a column.
        var (ones, sums, onesY, onesYy, sumsY) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (var dy = Math.Max(-Reach, -row / Step * Step); dy <= Reach && row + dy < height; dy += Step)
        {
            var inverse = middle * Vector256.LoadUnsafe(in _inverse[((row + dy) * 2 + column % 2) * _half + column / 2]);
            var near = Vector256.LessThanOrEqual(Vector256.Abs(inverse - Vector256<float>.One), Vector256.Create(MostDifference));
            var (one, sum) = (near & _seven, near & inverse & Vector256.GreaterThan(_seven, Vector256<float>.Zero));
            ones += one;
            sums += sum;
            onesY += dy * one;
            onesYy += dy * dy * one;
            sumsY += dy * sum;
        }

        var (n, w) = (Vector256.Sum(ones), Vector256.Sum(sums));
        var (x, xx, xw) = (Vector256.Dot(ones, _offsets), Vector256.Dot(ones, _offsets * _offsets), Vector256.Dot(sums, _offsets));
        var (y, xy, yy, yw) = (Vector256.Sum(onesY), Vector256.Dot(onesY, _offsets), Vector256.Sum(onesYy), Vector256.Sum(sumsY));
        return n < FewestPixels ? default : Normal(row, column, n, x, y, xx, xy, yy, w, xw, yw);
    }

    private (float Right, float Forward, float Up) Normal(
        int row, int column, double n, double x, double y, double xx, double xy, double yy, double w, double xw, double yw)
    {
        // About the means, two equations are left.
        var (sxx, sxy, syy) = (xx - x * x / n, xy - x * y / n, yy - y * y / n);
        var (sxw, syw) = (xw - x * w / n, yw - y * w / n);
        var determinant = sxx * syy - sxy * sxy;
        if (determinant < 1)
            return default; // pixels on one line
        var a = (sxw * syy - syw * sxy) / determinant;
        var b = (syw * sxx - sxw * sxy) / determinant;
        var c = (w - a * x - b * y) / n;

        // 1 / depth ∝ normal · (viewing ray); the sign is that of a surface that faces the camera.
        var right = -a * _focalX;
        var down = -b * _focalY;
        var forward = -(c + a * (_centreX - column) + b * (_centreY - row));
        var length = Math.Sqrt(right * right + down * down + forward * forward);
        return ((float)(right / length), (float)(forward / length), (float)(-down / length));
    }
}
