using System.Numerics;

namespace KdMtlBench.Host.Benchmarks.Scenes;

/// <summary>A pattern that fills space, so that every shape can be cut out of it.</summary>
/// <param name="First">Albedo, linear RGB in [0, 1].</param>
/// <param name="Second">The other albedo.</param>
/// <param name="Period">Metres after which the pattern repeats, or the size of its grains.</param>
/// <param name="Shift">In periods: which part of the pattern is at the origin.</param>
internal abstract record Texture(Vector3 First, Vector3 Second, float Period, Vector3 Shift)
{
    /// <summary>Linear RGB at a point of the shape's own coordinates, in metres.</summary>
    public Vector3 Albedo(Vector3 point) => Vector3.Lerp(First, Second, Blend(point / Period + Shift));

    /// <summary>0 for the first colour, 1 for the second.</summary>
    /// <param name="point">In periods.</param>
    protected abstract float Blend(Vector3 point);

    protected static Vector3 Floor(Vector3 v) => new(MathF.Floor(v.X), MathF.Floor(v.Y), MathF.Floor(v.Z));

    /// <summary>A random number in [0, 1) of a cell of the unit lattice.</summary>
    protected static float Lattice(Vector3 cell)
    {
        var hash = (uint)(int)cell.X * 0x8DA6B343 + (uint)(int)cell.Y * 0xD8163841 + (uint)(int)cell.Z * 0xCB1AB31F;
        hash = (hash ^ (hash >> 16)) * 0x7FEB352D;
        hash = (hash ^ (hash >> 15)) * 0x846CA68B;
        return ((hash ^ (hash >> 16)) >> 8) * (1f / (1 << 24));
    }
}

/// <summary>Soft clouds.</summary>
internal sealed record Noise(Vector3 First, Vector3 Second, float Period, Vector3 Shift) : Texture(First, Second, Period, Shift)
{
    protected override float Blend(Vector3 point) => (2 * Smooth(point) + Smooth(2 * point)) / 3;

    /// <summary>Value noise: the lattice's numbers, blended smoothly between its eight corners.</summary>
    private static float Smooth(Vector3 point)
    {
        var cell = Floor(point);
        var f = point - cell;
        f = f * f * (new Vector3(3) - 2 * f);
        return Mix(Side(cell), Side(cell + Vector3.UnitZ), f.Z);

        float Side(Vector3 corner) => Mix(Edge(corner), Edge(corner + Vector3.UnitY), f.Y);

        float Edge(Vector3 corner) => Mix(Lattice(corner), Lattice(corner + Vector3.UnitX), f.X);
    }

    private static float Mix(float from, float to, float share) => from + (to - from) * share;
}

internal sealed record Checker(Vector3 First, Vector3 Second, float Period, Vector3 Shift) : Texture(First, Second, Period, Shift)
{
    protected override float Blend(Vector3 point)
    {
        var cell = Floor(2 * point);
        return ((int)cell.X + (int)cell.Y + (int)cell.Z) & 1;
    }
}

/// <summary>Slabs across a direction.</summary>
internal sealed record Stripes(Vector3 First, Vector3 Second, float Period, Vector3 Shift, Vector3 Across, float Share)
    : Texture(First, Second, Period, Shift)
{
    protected override float Blend(Vector3 point)
    {
        var position = Vector3.Dot(point, Across);
        return position - MathF.Floor(position) < Share ? 1 : 0;
    }
}

/// <summary>Courses of bricks, each of its own shade, with mortar between them.</summary>
internal sealed record Bricks(Vector3 First, Vector3 Second, float Period, Vector3 Shift) : Texture(First, Second, Period, Shift)
{
    private const float Mortar = 0.08f;

    protected override float Blend(Vector3 point)
    {
        point.Z *= 2;
        var odd = ((int)MathF.Floor(point.Z) & 1) * 0.5f;
        point += new Vector3(odd, odd, 0);
        var cell = Floor(point);
        var inside = point - cell;
        return MathF.Min(inside.X, inside.Y) < Mortar || inside.Z < 2 * Mortar ? 1 : 0.4f * Lattice(cell);
    }
}

/// <summary>Balls on a grid.</summary>
internal sealed record Dots(Vector3 First, Vector3 Second, float Period, Vector3 Shift) : Texture(First, Second, Period, Shift)
{
    protected override float Blend(Vector3 point) => (point - Floor(point) - new Vector3(0.5f)).LengthSquared() < 0.16f ? 1 : 0;
}
