using System.Numerics;
using CsCheck;
using KdMtlBench.Host.Benchmarks.Scenes;

namespace KdMtlBench.Tests.Benchmarks.Scenes;

public sealed class ShapeTests
{
    private static readonly Gen<Vector3> Points = Gen.Select(Gen.Float[-3, 3], Gen.Float[-3, 3], Gen.Float[-3, 3], (x, y, z) => new Vector3(x, y, z));

    /// <summary>Each shape with the function whose negative values are its inside, written down independently.</summary>
    private static readonly (Shape Shape, Func<Vector3, double> Outside)[] Solids =
    [
        (new Sphere(0.8f), p => p.Length() - 0.8),
        (new Box(new Vector3(0.5f, 1, 0.3f)), p => Max(Math.Abs(p.X) - 0.5, Math.Abs(p.Y) - 1, Math.Abs(p.Z) - 0.3)),
        (new Cylinder(0.6f, 0.9f), p => Math.Max(Math.Sqrt(p.X * p.X + p.Y * p.Y) - 0.6, Math.Abs(p.Z) - 0.9)),
        (new Cone(0.7f, 0.8f), p => Max(Math.Sqrt(p.X * p.X + p.Y * p.Y) - 0.7 * (0.8 - p.Z) / 1.6, p.Z - 0.8, -0.8 - p.Z)),
    ];

    /// <summary>Rays that aim at a point near the shape, so that many hit; not at the cone's very apex, where rounding decides.</summary>
    private static readonly Gen<(int Solid, Vector3 Origin, Vector3 Direction)> Rays =
        Gen.Select(Gen.Int[0, Solids.Length - 1], Points, Points, (solid, origin, aim) => (solid, origin, 0.25f * aim - origin))
            .Where(ray => Solids[ray.solid].Outside(ray.origin) > 0.05 && ray.Item3.Length() > 0.1)
            .Where(ray => Vector3.Cross(new Vector3(0, 0, 0.8f) - ray.origin, Vector3.Normalize(ray.Item3)).Length() > 1e-3);

    [Fact]
    public void A_ray_stops_where_marching_along_it_first_gets_inside() =>
        Rays.Sample(ray =>
        {
            var (shape, outside) = Solids[ray.Solid];
            var t = shape.Intersect(ray.Origin, ray.Direction, out _);
            var marched = March(outside, ray.Origin, ray.Direction);
            if (double.IsFinite(marched))
                Vector3.Distance(ray.Origin + t * ray.Direction, ray.Origin + (float)marched * ray.Direction).ShouldBeLessThan(0.01f);
            else if (float.IsFinite(t))
                outside(ray.Origin + t * ray.Direction).ShouldBeInRange(-1e-3, 1e-3); // a graze that the march steps over
        });

    [Fact]
    public void A_normal_is_the_unit_gradient_of_the_outside() =>
        Rays.Sample(ray =>
        {
            var (shape, outside) = Solids[ray.Solid];
            var t = shape.Intersect(ray.Origin, ray.Direction, out var normal);
            if (!float.IsFinite(t))
                return;
            normal.Length().ShouldBe(1, 1e-4);
            Vector3.Dot(normal, ray.Direction).ShouldBeLessThan(1e-4f * ray.Direction.Length());
            var point = ray.Origin + t * ray.Direction;
            var gradient = Gradient(outside, point);
            if (IsSmooth(outside, point, gradient))
                Vector3.Dot(Vector3.Normalize(gradient), normal).ShouldBe(1, 1e-3);
        });

    [Fact]
    public void A_bounding_sphere_holds_every_hit() =>
        Rays.Sample(ray =>
        {
            var shape = Solids[ray.Solid].Shape;
            var t = shape.Intersect(ray.Origin, ray.Direction, out _);
            if (float.IsFinite(t))
                (ray.Origin + t * ray.Direction).Length().ShouldBeLessThanOrEqualTo(shape.BoundingRadius + 1e-3f);
        });

    [Theory]
    [InlineData(0.35f)]
    [InlineData(0.3500001f)]
    [InlineData(0.35001f)]
    public void A_ray_along_a_cones_side_stops_at_the_other_side(float steepness)
    {
        // Of the cone 2 m high, 0.35 m wider a metre; from the right and above, down along the left side's slope.
        var t = new Cone(0.7f, 1).Intersect(new Vector3(1, 0, 1.2f), new Vector3(-steepness, 0, -1), out _);

        t.ShouldBe(1.07f / (steepness + 0.35f), 1e-5); // where x = 0.35 (1 − z)
    }

    [Fact]
    public void A_turned_and_shifted_body_is_hit_where_its_shape_is()
    {
        var lying = new Frame(Vector3.UnitZ, -Vector3.UnitY, Vector3.UnitX);
        var body = new Body(new Cylinder(0.5f, 2), new Vector3(0, 5, 1), lying, TestScenes.Grey, SceneClass.Cylinder);

        body.Intersect(new Vector3(1.9f, 0, 1), new Vector3(0, 2, 0), out var side).ShouldBe(2.25f, 1e-5);
        side.ShouldBe(-Vector3.UnitY);
        body.Intersect(new Vector3(-5, 5, 1), Vector3.UnitX, out var end).ShouldBe(3, 1e-5);
        end.ShouldBe(-Vector3.UnitX);
        body.Intersect(new Vector3(2.1f, 0, 1), Vector3.UnitY, out _).ShouldBe(float.PositiveInfinity);
    }

    [Fact]
    public void A_plane_is_not_seen_by_a_ray_that_leaves_it()
    {
        var floor = new HalfSpace(Vector3.UnitZ, 0);

        floor.Intersect(new Vector3(0, 0, 2), new Vector3(0, 0, -4), out _).ShouldBe(0.5f);
        floor.Intersect(new Vector3(0, 0, 2), new Vector3(1, 0, 0.1f), out _).ShouldBe(float.PositiveInfinity);
        floor.Intersect(new Vector3(0, 0, 2), Vector3.UnitX, out _).ShouldBe(float.PositiveInfinity);
    }

    private static double March(Func<Vector3, double> outside, Vector3 origin, Vector3 direction)
    {
        const int steps = 2000;
        for (var i = 1; i <= steps; i++)
        {
            var t = 3.0 * i / steps / direction.Length() * 4;
            if (outside(origin + (float)t * direction) < 0)
                return t;
        }

        return double.PositiveInfinity;
    }

    private static Vector3 Gradient(Func<Vector3, double> f, Vector3 point)
    {
        return new Vector3(Slope(Vector3.UnitX), Slope(Vector3.UnitY), Slope(Vector3.UnitZ));

        float Slope(Vector3 axis) => (float)((f(point + 2e-3f * axis) - f(point - 2e-3f * axis)) / 4e-3);
    }

    /// <summary>False near an edge, where the gradient is not defined.</summary>
    private static bool IsSmooth(Func<Vector3, double> f, Vector3 point, Vector3 gradient)
    {
        const float reach = 0.02f;
        var tangent = Vector3.Normalize(Vector3.Cross(gradient, MathF.Abs(gradient.X) < 0.5f * gradient.Length() ? Vector3.UnitX : Vector3.UnitY));
        var other = Vector3.Normalize(Vector3.Cross(gradient, tangent));
        return new[] { tangent, -tangent, other, -other }
            .All(step => Vector3.Distance(Gradient(f, point + reach * step), gradient) < 0.1f);
    }

    private static double Max(double a, double b, double c) => Math.Max(a, Math.Max(b, c));
}
