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

    private (float Right, float Forward, float Up) At(ReadOnlySpan<float> depth, int row, int column)
    {
        var middle = depth[row * width + column];
        if (!(middle > 0))
            return default;

        // Sums for the plane a·dx + b·dy + c = middle / depth, with offsets in pixels.
        float n = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0, w = 0, xw = 0, yw = 0;
        for (var dy = Math.Max(-Reach, -row / Step * Step); dy <= Reach && row + dy < height; dy += Step)
        {
            var line = depth.Slice((row + dy) * width, width);
            for (var dx = Math.Max(-Reach, -column / Step * Step); dx <= Reach && column + dx < width; dx += Step)
            {
                var inverse = middle / line[column + dx];
                if (!(Math.Abs(inverse - 1) <= MostDifference))
                    continue;
                n++;
                x += dx;
                y += dy;
                xx += dx * dx;
                xy += dx * dy;
                yy += dy * dy;
                w += inverse;
                xw += dx * inverse;
                yw += dy * inverse;
            }
        }

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
