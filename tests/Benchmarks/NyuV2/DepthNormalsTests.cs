using KdMtlBench.Host.Benchmarks.NyuV2;

namespace KdMtlBench.Tests.Benchmarks.NyuV2;

public sealed class DepthNormalsTests
{
    private const int Height = 120;
    private const int Width = 160;

    // The camera of the data set at a quarter of its size.
    private const double FocalX = 518.8579 / 4, FocalY = 519.4696 / 4, CentreX = 325.5824 / 4, CentreY = 253.7362 / 4;

    /// <summary>Planes normal · point = offset; (right, down, forward).</summary>
    public static TheoryData<string, double, double, double> Planes => new()
    {
        { "a wall ahead", 0, 0, -1 },
        { "the floor", 0, -0.95, -0.31 },
        { "a wall on the right", -0.7, 0, -0.7 },
        { "a slope", 0.3, 0.4, -0.8 },
    };

    [Theory]
    [MemberData(nameof(Planes))]
    public void A_plane_has_its_normal_everywhere(string name, double right, double down, double forward)
    {
        foreach (var (r, f, u) in Estimate(Plane(right, down, forward)))
            Angle((r, -u, f), (right, down, forward)).ShouldBeLessThan(0.1, name);
    }

    /// <summary>What the augmentation does to depths and normals agrees with the geometry: enlarged by s about the camera's
    /// centre and with depths divided by s, the scene is as if squeezed along the optical axis.</summary>
    [Theory]
    [MemberData(nameof(Planes))]
    public void An_enlarged_plane_has_its_normals_forward_part_enlarged(string name, double right, double down, double forward)
    {
        const double scale = 1.5;
        var enlarged = Map((row, column) => Depth(right, down, forward, CentreY + ((row - CentreY) / scale), CentreX + ((column - CentreX) / scale)) / scale);
        foreach (var (r, f, u) in Estimate(enlarged))
            Angle((r, -u, f), (right, down, scale * forward)).ShouldBeLessThan(0.1, name);
    }

    [Fact]
    public void Two_walls_keep_their_own_normals_beside_a_step()
    {
        var depth = Map((_, column) => column < 80 ? 2 : 3);
        foreach (var (r, f, u) in Estimate(depth))
            Angle((r, -u, f), (0, 0, -1)).ShouldBeLessThan(0.1);
    }

    [Fact]
    public void There_is_no_normal_without_depth()
    {
        var depth = Plane(0, 0, -1);
        for (var column = 0; column < Width; column++)
            depth[(50 * Width) + column] = 0;
        var lone = new float[depth.Length];
        lone[(60 * Width) + 60] = 2;

        Normals(depth, [50, 51], [70]).ShouldBe([0, 0, 0, -1, 0, 0], 1e-4f);
        Normals(lone, [60], [60]).ShouldBe([0, 0, 0]);
    }

    private static float[] Plane(double right, double down, double forward) => Map((row, column) => Depth(right, down, forward, row, column));

    private static double Depth(double right, double down, double forward, double row, double column) =>
        -2 / ((right * (column - CentreX) / FocalX) + (down * (row - CentreY) / FocalY) + forward) is var depth and > 0 and < 20 ? depth : 0;

    private static float[] Map(Func<int, int, double> depth) =>
        [.. from row in Enumerable.Range(0, Height) from column in Enumerable.Range(0, Width) select (float)depth(row, column)];

    private static IEnumerable<(double Right, double Forward, double Up)> Estimate(float[] depth)
    {
        int[] rows = [0, 10, 60, 61, 90, 119], columns = [0, 20, 79, 80, 100, 159];
        var normals = Normals(depth, rows, columns);
        var found = Enumerable.Range(0, 36).Select(i => ((double)normals[i], (double)normals[36 + i], (double)normals[72 + i])).Where(n => n != (0, 0, 0)).ToList();
        found.Count.ShouldBeGreaterThan(15);
        return found;
    }

    private static float[] Normals(float[] depth, int[] rows, int[] columns)
    {
        var normals = new float[3 * rows.Length * columns.Length];
        new DepthNormals(Height, Width).Estimate(depth, rows, columns, normals);
        return normals;
    }

    private static double Angle((double X, double Y, double Z) a, (double X, double Y, double Z) b)
    {
        var cosine = ((a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z)) / Math.Sqrt(Square(a) * Square(b));
        return Math.Acos(Math.Min(1, cosine)) * 180 / Math.PI;

        static double Square((double X, double Y, double Z) v) => (v.X * v.X) + (v.Y * v.Y) + (v.Z * v.Z);
    }
}
