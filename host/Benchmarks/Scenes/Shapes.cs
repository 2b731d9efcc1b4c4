using System.Numerics;

namespace KdMtlBench.Host.Benchmarks.Scenes;

/// <summary>A surface in its own coordinates, seen from outside.</summary>
internal abstract record Shape
{
    protected const float Infinity = float.PositiveInfinity;

    /// <summary>Of a sphere about the origin that holds the shape.</summary>
    public abstract float BoundingRadius { get; }

    /// <summary>The t of the first point origin + t · direction, t &gt; 0, on the surface; infinity where there is none.</summary>
    /// <param name="origin">Outside the shape.</param>
    /// <param name="direction">Of any length.</param>
    /// <param name="normal">Unit, outward; arbitrary where there is no such point.</param>
    public abstract float Intersect(Vector3 origin, Vector3 direction, out Vector3 normal);

    /// <summary>The solutions of a·t² + 2b·t + c = 0, without the cancellation of (−b ± √(b² − ac)) / a; NaN where there are none.</summary>
    protected static (float First, float Second) Roots(float a, float b, float c)
    {
        var q = -(b + MathF.CopySign(MathF.Sqrt(b * b - a * c), b));
        return (q / a, c / q);
    }

    /// <summary>Where the line is inside a quadric a·t² + 2b·t + c ≤ 0 with a ≥ 0; NaN or (∞, −∞) where it misses.</summary>
    protected static (float Enter, float Leave) Inside(float a, float b, float c)
    {
        if (a == 0)
            return c <= 0 ? (-Infinity, Infinity) : (Infinity, -Infinity);
        var (first, second) = Roots(a, b, c);
        return first < second ? (first, second) : (second, first);
    }

    /// <summary>Where the line is between −half and half on one axis.</summary>
    protected static (float Enter, float Leave) Between(float origin, float direction, float half)
    {
        if (direction == 0)
            return MathF.Abs(origin) <= half ? (-Infinity, Infinity) : (Infinity, -Infinity);
        var (a, b) = ((-half - origin) / direction, (half - origin) / direction);
        return a < b ? (a, b) : (b, a);
    }
}

/// <summary>All points with Normal · point ≤ Offset.</summary>
internal sealed record HalfSpace(Vector3 Normal, float Offset) : Shape
{
    public override float BoundingRadius => Infinity;

    public override float Intersect(Vector3 origin, Vector3 direction, out Vector3 normal)
    {
        normal = Normal;
        var t = (Offset - Vector3.Dot(Normal, origin)) / Vector3.Dot(Normal, direction);
        return t > 0 ? t : Infinity;
    }
}

/// <summary>Centred at the origin.</summary>
internal sealed record Sphere(float Radius) : Shape
{
    public override float BoundingRadius => Radius;

    public override float Intersect(Vector3 origin, Vector3 direction, out Vector3 normal)
    {
        var (enter, _) = Inside(direction.LengthSquared(), Vector3.Dot(origin, direction), origin.LengthSquared() - Radius * Radius);
        normal = (origin + enter * direction) / Radius;
        return enter > 0 ? enter : Infinity;
    }
}

/// <summary>Centred at the origin, edges along the axes, Half the length of each.</summary>
internal sealed record Box(Vector3 Half) : Shape
{
    public override float BoundingRadius { get; } = Half.Length();

    public override float Intersect(Vector3 origin, Vector3 direction, out Vector3 normal)
    {
        var x = Between(origin.X, direction.X, Half.X);
        var y = Between(origin.Y, direction.Y, Half.Y);
        var z = Between(origin.Z, direction.Z, Half.Z);
        var enter = MathF.Max(x.Enter, MathF.Max(y.Enter, z.Enter));
        var leave = MathF.Min(x.Leave, MathF.Min(y.Leave, z.Leave));
        normal = enter == x.Enter ? new Vector3(-MathF.Sign(direction.X), 0, 0)
            : enter == y.Enter ? new Vector3(0, -MathF.Sign(direction.Y), 0)
            : new Vector3(0, 0, -MathF.Sign(direction.Z));
        return enter > 0 && enter <= leave ? enter : Infinity;
    }
}

/// <summary>Centred at the origin, its axis along z.</summary>
internal sealed record Cylinder(float Radius, float HalfHeight) : Shape
{
    public override float BoundingRadius { get; } = MathF.Sqrt(Radius * Radius + HalfHeight * HalfHeight);

    public override float Intersect(Vector3 origin, Vector3 direction, out Vector3 normal)
    {
        var (o, d) = (new Vector2(origin.X, origin.Y), new Vector2(direction.X, direction.Y));
        var side = Inside(d.LengthSquared(), Vector2.Dot(o, d), o.LengthSquared() - Radius * Radius);
        var caps = Between(origin.Z, direction.Z, HalfHeight);
        var enter = MathF.Max(side.Enter, caps.Enter);
        normal = side.Enter > caps.Enter
            ? new Vector3((o + enter * d) / Radius, 0)
            : new Vector3(0, 0, -MathF.Sign(direction.Z));
        return enter > 0 && enter <= MathF.Min(side.Leave, caps.Leave) ? enter : Infinity;
    }
}

/// <summary>Its axis along z: the base at z = −HalfHeight, the apex at z = HalfHeight.</summary>
internal sealed record Cone(float Radius, float HalfHeight) : Shape
{
    /// <summary>So that a ray at the apex does not slip past it.</summary>
    private const float Rounding = 1.000001f;

    /// <summary>Radius gained a metre below the apex, squared.</summary>
    private readonly float _slope = Radius * Radius / (4 * HalfHeight * HalfHeight);

    public override float BoundingRadius { get; } = MathF.Sqrt(Radius * Radius + HalfHeight * HalfHeight);

    public override float Intersect(Vector3 origin, Vector3 direction, out Vector3 normal)
    {
        var (o, d) = (new Vector2(origin.X, origin.Y), new Vector2(direction.X, direction.Y));
        var depth = HalfHeight - origin.Z; // below the apex
        var a = d.LengthSquared() - _slope * direction.Z * direction.Z;
        var b = Vector2.Dot(o, d) + _slope * depth * direction.Z;
        var c = o.LengthSquared() - _slope * depth * depth;
        var (first, second) = Roots(a, b, c);
        var side = MathF.Min(OnSide(first), OnSide(second));
        var bottom = (-HalfHeight - origin.Z) / direction.Z;
        if (!(direction.Z > 0 && bottom > 0 && (o + bottom * d).LengthSquared() <= Radius * Radius))
            bottom = Infinity;

        var t = MathF.Min(side, bottom);
        normal = side < bottom
            ? Vector3.Normalize(new Vector3(o + t * d, MathF.Max(_slope * (depth - t * direction.Z), 1e-12f))) // at the apex: up
            : new Vector3(0, 0, -1);
        return t;

        float OnSide(float candidate) => candidate > 0 && MathF.Abs(origin.Z + candidate * direction.Z) <= Rounding * HalfHeight ? candidate : Infinity;
    }
}
