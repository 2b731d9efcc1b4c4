using System.Numerics;

namespace KdMtlBench.Host.Benchmarks.Scenes;

/// <summary>What a pixel shows; the values are the segmentation's labels.</summary>
internal enum SceneClass : sbyte
{
    Void = -1,
    Floor,
    Ceiling,
    Wall,
    Box,
    Sphere,
    Cylinder,
    Cone,
}

/// <summary>A room with objects in it. World coordinates are right-handed metres: x and y along the floor, z up, the
/// floor at z = 0.</summary>
/// <param name="Camera">Inside the room, outside every object.</param>
/// <param name="Room">Floor, ceiling and walls: convex, so they cast no shadow.</param>
/// <param name="Objects">What stands in it.</param>
/// <param name="Lights">Inside the room.</param>
/// <param name="Ambient">Light that reaches every surface.</param>
internal sealed record Scene(Camera Camera, IReadOnlyList<Body> Room, IReadOnlyList<Body> Objects, IReadOnlyList<Light> Lights, float Ambient);

/// <summary>A small lamp: irradiance is Colour · cos / (distance² + 1).</summary>
internal sealed record Light(Vector3 Position, Vector3 Colour);

/// <summary>A pinhole camera. Camera coordinates are right-handed: x right, y down, z forward.</summary>
/// <param name="Position">Of the pinhole, in the world.</param>
/// <param name="Frame">x right, y down, z forward, in the world.</param>
/// <param name="Focal">Focal length in image widths; pixels are square.</param>
internal sealed record Camera(Vector3 Position, Frame Frame, float Focal)
{
    /// <summary>Looks from a position.</summary>
    /// <param name="position">Of the pinhole.</param>
    /// <param name="yaw">Radians, 0 along x, turning towards y.</param>
    /// <param name="pitch">Radians, positive upwards.</param>
    /// <param name="roll">Radians, positive clockwise as the camera sees.</param>
    /// <param name="fieldOfView">Radians, horizontal.</param>
    public static Camera Look(Vector3 position, double yaw, double pitch, double roll, double fieldOfView)
    {
        var forward = Vector(Math.Cos(yaw) * Math.Cos(pitch), Math.Sin(yaw) * Math.Cos(pitch), Math.Sin(pitch));
        var level = Vector(Math.Sin(yaw), -Math.Cos(yaw), 0);
        var down = Vector(Math.Cos(yaw) * Math.Sin(pitch), Math.Sin(yaw) * Math.Sin(pitch), -Math.Cos(pitch));
        var (sine, cosine) = ((float)Math.Sin(roll), (float)Math.Cos(roll));
        var frame = new Frame(cosine * level + sine * down, cosine * down - sine * level, forward);
        return new Camera(position, frame, (float)(0.5 / Math.Tan(fieldOfView / 2)));
    }

    private static Vector3 Vector(double x, double y, double z) => new((float)x, (float)y, (float)z);
}

/// <summary>Three orthogonal unit axes, given in the world.</summary>
internal sealed record Frame(Vector3 X, Vector3 Y, Vector3 Z)
{
    public static Frame World { get; } = new(Vector3.UnitX, Vector3.UnitY, Vector3.UnitZ);

    public Vector3 FromWorld(Vector3 v) => new(Vector3.Dot(v, X), Vector3.Dot(v, Y), Vector3.Dot(v, Z));

    public Vector3 ToWorld(Vector3 v) => v.X * X + v.Y * Y + v.Z * Z;
}

/// <summary>A shape somewhere in the room.</summary>
/// <param name="Shape">In its own coordinates.</param>
/// <param name="Position">Of the shape's origin, in the world.</param>
/// <param name="Frame">Of the shape, in the world.</param>
/// <param name="Texture">In the shape's own coordinates.</param>
/// <param name="Class">What its pixels show.</param>
internal sealed record Body(Shape Shape, Vector3 Position, Frame Frame, Texture Texture, SceneClass Class)
{
    /// <summary>The t of the first point origin + t · direction, t &gt; 0, on the surface, and the outward normal there,
    /// in the world; infinity where there is none. The direction may have any length.</summary>
    public float Intersect(Vector3 origin, Vector3 direction, out Vector3 normal)
    {
        normal = default;
        var offset = origin - Position;
        if (Misses(offset, direction))
            return float.PositiveInfinity;
        var t = Shape.Intersect(Frame.FromWorld(offset), Frame.FromWorld(direction), out var local);
        if (float.IsFinite(t))
            normal = Frame.ToWorld(local);
        return t;
    }

    public Vector3 Albedo(Vector3 point) => Texture.Albedo(Frame.FromWorld(point - Position));

    private bool Misses(Vector3 offset, Vector3 direction)
    {
        var outside = offset.LengthSquared() - Shape.BoundingRadius * Shape.BoundingRadius;
        if (outside <= 0)
            return false;
        var approach = Vector3.Dot(offset, direction);
        return approach > 0 || approach * approach < direction.LengthSquared() * outside;
    }
}
