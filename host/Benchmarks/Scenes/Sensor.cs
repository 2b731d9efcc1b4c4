using System.Numerics;

namespace KdMtlBench.Host.Benchmarks.Scenes;

/// <summary>One sample as it is learnt from; row-major from the top left.</summary>
/// <param name="Image">[3, height, width], RGB.</param>
/// <param name="Labels">[height, width], <see cref="SceneClass"/>.</param>
/// <param name="Depth">[height, width], metres along the optical axis, 0 where invalid.</param>
/// <param name="Normals">[3, height, width], unit, camera coordinates (x right, y down, z forward), facing the camera; 0 where
/// the depth is.</param>
internal sealed record Sample(byte[] Image, sbyte[] Labels, float[] Depth, float[] Normals);

/// <summary>A colour and depth camera with its faults. Depth and normals are exact where they are valid.</summary>
internal static class Sensor
{
    public const float NearMetres = 0.5f;
    public const float FarMetres = 10;

    /// <summary>Below this cosine between ray and normal too little comes back.</summary>
    public const float GrazingCosine = 0.12f;

    private const float SpeckShare = 0.005f;

    /// <param name="view">What there is to see.</param>
    /// <param name="noise">Standard deviation as a share of full scale.</param>
    /// <param name="random">The sample's.</param>
    public static Sample Capture(View view, float noise, SceneRandom random)
    {
        var sample = new Sample(Expose(view.Radiance, noise, random), [.. view.Classes.Select(c => (sbyte)c)],
            new float[view.Depth.Length], new float[3 * view.Depth.Length]);
        foreach (var pixel in Blobs(view, random.Integer(4), random))
            sample.Labels[pixel] = (sbyte)SceneClass.Void;
        var lost = Blobs(view, random.Integer(4), random).ToHashSet();
        for (var pixel = 0; pixel < view.Depth.Length; pixel++)
        {
            if (!random.Chance(SpeckShare) && !lost.Contains(pixel) && Measurable(view, pixel))
                Measure(view, pixel, sample);
        }

        return sample;
    }

    /// <summary>Sets the exposure by the mean, applies a gamma of 2 and adds noise.</summary>
    private static byte[] Expose(float[] radiance, float noise, SceneRandom random)
    {
        var gain = random.Uniform(0.14f, 0.26f) / MathF.Max(radiance.Average(), 1e-6f);
        var image = new byte[radiance.Length];
        for (var i = 0; i < image.Length; i++)
        {
            var value = MathF.Sqrt(MathF.Min(gain * radiance[i], 1)) + noise * random.Normal();
            image[i] = (byte)(255 * Math.Clamp(value, 0, 1) + 0.5f);
        }

        return image;
    }

    private static bool Measurable(View view, int pixel)
    {
        var ray = view.Ray(pixel / view.Width + 0.5f, pixel % view.Width + 0.5f);
        return view.Depth[pixel] is >= NearMetres and <= FarMetres
            && -Vector3.Dot(view.Normals[pixel], ray) >= GrazingCosine * ray.Length();
    }

    private static void Measure(View view, int pixel, Sample sample)
    {
        var pixels = view.Depth.Length;
        sample.Depth[pixel] = view.Depth[pixel];
        sample.Normals[pixel] = view.Normals[pixel].X;
        sample.Normals[pixels + pixel] = view.Normals[pixel].Y;
        sample.Normals[2 * pixels + pixel] = view.Normals[pixel].Z;
    }

    /// <summary>The pixels of some random ellipses, 2 to 12 % of the image's height across.</summary>
    private static IEnumerable<int> Blobs(View view, int count, SceneRandom random)
    {
        for (var i = 0; i < count; i++)
        {
            var (row, column) = (random.Uniform() * view.Height, random.Uniform() * view.Width);
            var (tall, wide) = (random.Uniform(0.01f, 0.06f) * view.Height, random.Uniform(0.01f, 0.06f) * view.Height);
            for (var r = Math.Max(0, (int)(row - tall)); r < Math.Min(view.Height, row + tall); r++)
            {
                for (var c = Math.Max(0, (int)(column - wide)); c < Math.Min(view.Width, column + wide); c++)
                {
                    var (y, x) = ((r + 0.5f - row) / tall, (c + 0.5f - column) / wide);
                    if (y * y + x * x <= 1)
                        yield return r * view.Width + c;
                }
            }
        }
    }
}
