using System.Numerics;
using KdMtlBench.Host.Benchmarks.Scenes;

namespace KdMtlBench.Tests.Benchmarks.Scenes;

public sealed class SensorTests
{
    private const int Size = 64;

    [Fact]
    public void Valid_depth_and_normals_are_exact_and_the_rest_is_zero()
    {
        var view = Renderer.Render(SceneGenerator.Draw(new SceneRandom(1, 0, 1)), Size, Size);
        var sample = Sensor.Capture(view, 0.05f, new SceneRandom(1, 0, 2));

        for (var pixel = 0; pixel < Size * Size; pixel++)
        {
            var normal = Normal(sample, pixel);
            if (sample.Depth[pixel] == 0)
            {
                normal.ShouldBe(Vector3.Zero);
                continue;
            }

            sample.Depth[pixel].ShouldBe(view.Depth[pixel]);
            normal.ShouldBe(view.Normals[pixel]);
        }

        sample.Depth.Count(depth => depth == 0).ShouldBeInRange(1, Size * Size / 5);
    }

    [Theory]
    [InlineData(0.49f, false)]
    [InlineData(0.51f, true)]
    [InlineData(9.99f, true)]
    [InlineData(10.01f, false)]
    public void Depth_is_valid_from_half_a_metre_to_ten(float depth, bool valid)
    {
        var sample = Sensor.Capture(Wall(depth, new Vector3(0, 0, -1)), 0, new SceneRandom(1, 0, 0));

        var seen = sample.Depth.Count(d => d == depth);
        seen.ShouldBeInRange(valid ? Size * Size * 9 / 10 : 0, valid ? Size * Size : 0);
    }

    [Theory]
    [InlineData(82, true)]
    [InlineData(84, false)]
    public void A_surface_at_a_grazing_angle_is_invalid(double degreesFromNormal, bool valid)
    {
        // Seen through the image's middle; a long focal length keeps all rays almost parallel.
        var normal = new Vector3((float)Math.Sin(degreesFromNormal * Math.PI / 180), 0, -(float)Math.Cos(degreesFromNormal * Math.PI / 180));
        var sample = Sensor.Capture(Wall(2, normal, focalPixels: 1e6f), 0, new SceneRandom(1, 0, 0));

        var seen = sample.Depth.Count(d => d > 0);
        seen.ShouldBeInRange(valid ? Size * Size * 9 / 10 : 0, valid ? Size * Size : 0);
    }

    [Fact]
    public void Noise_has_the_deviation_asked_for()
    {
        var view = Wall(2, new Vector3(0, 0, -1));
        Array.Fill(view.Radiance, 1);
        var values = Sensor.Capture(view, 0.05f, new SceneRandom(1, 0, 0)).Image.Select(value => value / 255.0).ToArray();

        var mean = values.Average();
        Math.Sqrt(values.Average(value => (value - mean) * (value - mean))).ShouldBe(0.05, 0.001);
    }

    [Fact]
    public void Without_noise_the_image_is_the_exposed_root_of_the_radiance()
    {
        var view = Renderer.Render(TestScenes.Room(), Size, Size);
        var image = Sensor.Capture(view, 0, new SceneRandom(1, 0, 0)).Image;

        var gains = image.Zip(view.Radiance, (value, radiance) => value / 255.0 * (value / 255.0) / radiance).ToArray();
        gains.ShouldAllBe(gain => Math.Abs(gain / gains[0] - 1) < 0.03); // 8 bits
    }

    [Fact]
    public void An_unlit_scene_is_black()
    {
        var image = Sensor.Capture(Wall(2, new Vector3(0, 0, -1)), 0, new SceneRandom(1, 0, 0)).Image;

        image.ShouldAllBe(value => value == 0);
    }

    private static View Wall(float depth, Vector3 normal, float focalPixels = 64)
    {
        var view = new View(Size, Size, focalPixels);
        Array.Fill(view.Classes, SceneClass.Wall);
        Array.Fill(view.Depth, depth);
        Array.Fill(view.Normals, normal);
        return view;
    }

    private static Vector3 Normal(Sample sample, int pixel) =>
        new(sample.Normals[pixel], sample.Normals[Size * Size + pixel], sample.Normals[2 * Size * Size + pixel]);
}
