using System.Numerics;

namespace KdMtlBench.Host.Benchmarks.Scenes;

/// <summary>What a perfect camera sees. Maps are row-major from the top left; a pixel's values are those of the ray
/// through its centre.</summary>
/// <param name="Height">Pixels.</param>
/// <param name="Width">Pixels.</param>
/// <param name="FocalPixels">Focal length in pixels; the principal point is the image's centre, so pixel (row, column) is
/// seen along ((column + ½ − Width/2) / focal, (row + ½ − Height/2) / focal, 1).</param>
internal sealed record View(int Height, int Width, float FocalPixels)
{
    /// <summary>[3, height, width], linear.</summary>
    public float[] Radiance { get; } = new float[3 * Height * Width];

    /// <summary>[height, width]; void where a pixel holds several classes.</summary>
    public SceneClass[] Classes { get; } = new SceneClass[Height * Width];

    /// <summary>[height, width], metres along the optical axis; infinity where nothing is seen.</summary>
    public float[] Depth { get; } = new float[Height * Width];

    /// <summary>[height · width], unit, in camera coordinates, facing the camera; zero where nothing is seen.</summary>
    public Vector3[] Normals { get; } = new Vector3[Height * Width];

    /// <summary>Through a point of the image, in camera coordinates, 1 along the optical axis.</summary>
    public Vector3 Ray(float row, float column) => new((column - Width / 2f) / FocalPixels, (row - Height / 2f) / FocalPixels, 1);
}

/// <summary>Casts a ray through each pixel's centre and through each corner, which four pixels share. A pixel's colour is
/// half the centre's and an eighth of each corner's.</summary>
internal static class Renderer
{
    /// <summary>Shadow rays start this far off the surface, in metres.</summary>
    private const float Clearance = 1e-3f;

    public static View Render(Scene scene, int height, int width)
    {
        var view = new View(height, width, scene.Camera.Focal * width);
        var above = LookAlong(row: 0);
        for (var row = 0; row < height; row++)
        {
            var below = LookAlong(row + 1);
            for (var column = 0; column < width; column++)
            {
                var centre = Look(scene, view.Ray(row + 0.5f, column + 0.5f));
                Write(view, row * width + column, centre, [above[column], above[column + 1], below[column], below[column + 1]]);
            }

            above = below;
        }

        return view;

        Seen[] LookAlong(int row) => [.. Enumerable.Range(0, width + 1).Select(column => Look(scene, view.Ray(row, column)))];
    }

    private static void Write(View view, int pixel, Seen centre, ReadOnlySpan<Seen> corners)
    {
        var (radiance, shown) = (centre.Radiance / 2, centre.Class);
        foreach (var corner in corners)
        {
            radiance += corner.Radiance / 8;
            shown = corner.Class == shown ? shown : SceneClass.Void;
        }

        var pixels = view.Depth.Length;
        view.Radiance[pixel] = radiance.X;
        view.Radiance[pixels + pixel] = radiance.Y;
        view.Radiance[2 * pixels + pixel] = radiance.Z;
        view.Classes[pixel] = shown;
        view.Depth[pixel] = centre.Depth;
        view.Normals[pixel] = centre.Normal;
    }

    /// <param name="scene">From its camera.</param>
    /// <param name="ray">In camera coordinates, 1 along the optical axis, so that t is the depth.</param>
    private static Seen Look(Scene scene, Vector3 ray)
    {
        var direction = scene.Camera.Frame.ToWorld(ray);
        var hit = Trace(scene, direction);
        return hit.Body is null
            ? new Seen(SceneClass.Void, hit.Depth, Vector3.Zero, Vector3.Zero)
            : new Seen(hit.Body.Class, hit.Depth, scene.Camera.Frame.FromWorld(hit.Normal), Shade(scene, direction, hit.Body, hit));
    }

    /// <summary>The first surface.</summary>
    private static Hit Trace(Scene scene, Vector3 direction)
    {
        var hit = new Hit(Body: null, float.PositiveInfinity, Vector3.Zero);
        Nearest(scene.Room);
        Nearest(scene.Objects);
        return hit;

        void Nearest(IReadOnlyList<Body> bodies)
        {
            for (var i = 0; i < bodies.Count; i++)
            {
                var t = bodies[i].Intersect(scene.Camera.Position, direction, out var normal);
                if (t < hit.Depth)
                    hit = new Hit(bodies[i], t, normal);
            }
        }
    }

    /// <summary>Lambert's law for every light that is not hidden, and the ambient light.</summary>
    private static Vector3 Shade(Scene scene, Vector3 direction, Body body, Hit hit)
    {
        var point = scene.Camera.Position + hit.Depth * direction;
        var irradiance = new Vector3(scene.Ambient);
        for (var i = 0; i < scene.Lights.Count; i++)
        {
            var light = scene.Lights[i];
            var towards = light.Position - point;
            var squared = towards.LengthSquared();
            var cosine = Vector3.Dot(hit.Normal, towards) / MathF.Sqrt(squared);
            if (cosine > 0 && !Hidden(scene, point + Clearance * hit.Normal, towards))
                irradiance += light.Colour * (cosine / (squared + 1));
        }

        return body.Albedo(point) * irradiance;
    }

    private static bool Hidden(Scene scene, Vector3 point, Vector3 towards)
    {
        for (var i = 0; i < scene.Objects.Count; i++)
        {
            if (scene.Objects[i].Intersect(point, towards, out _) < 1)
                return true;
        }

        return false;
    }

    private readonly record struct Hit(Body? Body, float Depth, Vector3 Normal);

    private sealed record Seen(SceneClass Class, float Depth, Vector3 Normal, Vector3 Radiance);
}
