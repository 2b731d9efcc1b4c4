using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using KdMtlBench.Contracts.Benchmarks.Tasks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Scenes;

/// <summary>Rooms drawn at random and ray-cast when loaded: segmentation, depth and surface normals without a download.
/// The three tasks of Liu, Johns &amp; Davison's NYUv2 protocol, with exact targets.</summary>
/// <remarks>
/// <para>Segmentation: [samples, height, width] int8, 0–6 floor, ceiling, wall, box, sphere, cylinder, cone; −1 void, where
/// a pixel holds several classes and on a few small patches.</para>
/// <para>Depth: [samples, 1, height, width] float32, metres along the optical axis (not along the ray), 0.5 to 10; 0 where
/// a depth camera would see nothing: too near, too far, at a grazing angle, on specks and small patches.</para>
/// <para>Normals: [samples, 3, height, width] float32, unit vectors that face the camera, in camera coordinates: x right,
/// y down, z forward, so the normal of a wall straight ahead is (0, 0, −1); zero where the depth is.</para>
/// <para>A sample depends on the options' seed and size, its split and its place in it, and on nothing else. The sizes of
/// the splits do not change the samples; another image size shows the same rooms.</para>
/// </remarks>
[Benchmark("scenes", Title = "Synthetic scenes", Paper = "rendered here; tasks as in Liu, Johns & Davison, CVPR 2019, NYUv2")]
public sealed class SyntheticScenes(ScenesOptions options) : IBenchmark
{
    /// <summary>Raised whenever the same options give other samples.</summary>
    private const int GeneratorVersion = 1;

    public IReadOnlyList<LearningTask> Tasks { get; } =
        [new Segmentation("segmentation", 7, "floor", "ceiling", "wall", "box", "sphere", "cylinder", "cone"), new Depth("depth"), new SurfaceNormals("normals")];

    public IReadOnlyList<InputInfo> Inputs { get; } = [InputInfo.Image(3, options.Height, options.Width)];

    /// <exception cref="InputException">A split does not fit into one array.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while rendering.</exception>
    public BenchmarkData Load(DataContext context)
    {
        int[] counts = [options.Train, options.Validation, options.Test];
        if (3L * options.Height * options.Width * counts.Max() > Array.MaxLength)
        {
            throw new InputException($"scenes: {counts.Max()} samples of {options.Height} × {options.Width} pixels do not fit in one array of "
                + $"{Array.MaxLength} values; ask for fewer samples or a smaller height and width");
        }

        var parallel = new ParallelOptions { CancellationToken = context.Cancellation };
        var splits = counts.Select((count, split) => Render(split, count, parallel)).ToArray();
        return new BenchmarkData(ToSplit(splits[0]), ToSplit(splits[1]), ToSplit(splits[2]), Sha256());

        TensorSplit ToSplit(Sample samples)
        {
            var (height, width) = (options.Height, options.Width);
            var count = samples.Labels.Length / (height * width);
            return new TensorSplit("image", tensor(samples.Image, [count, 3, height, width], device: context.Device),
            [
                tensor(samples.Labels, [count, height, width], device: context.Device),
                tensor(samples.Depth, [count, 1, height, width], device: context.Device),
                tensor(samples.Normals, [count, 3, height, width], device: context.Device),
            ]);
        }
    }

    /// <summary>One sample of a split.</summary>
    internal Sample Render(int split, int sample)
    {
        var random = new SceneRandom(options.Seed, split, sample);
        var scene = SceneGenerator.Draw(random);
        return Sensor.Capture(Renderer.Render(scene, options.Height, options.Width), (float)options.Noise, random);
    }

    /// <summary>The first samples of a split, one after the other in each array.</summary>
    internal Sample Render(int split, int count, ParallelOptions parallel)
    {
        var pixels = options.Height * options.Width;
        var all = new Sample(new byte[count * 3 * pixels], new sbyte[count * pixels], new float[count * pixels], new float[count * 3 * pixels]);
        Parallel.For(0, count, parallel, i =>
        {
            var one = Render(split, i);
            one.Image.CopyTo(all.Image, i * one.Image.Length);
            one.Labels.CopyTo(all.Labels, i * one.Labels.Length);
            one.Depth.CopyTo(all.Depth, i * one.Depth.Length);
            one.Normals.CopyTo(all.Normals, i * one.Normals.Length);
        });
        return all;
    }

    private string Sha256() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"scenes {GeneratorVersion} {options}")));
}

public sealed record ScenesOptions
{
    [Description("pixels"), Range(16, 2048)]
    public int Height { get; init; } = 48;

    [Description("pixels"), Range(16, 2048)]
    public int Width { get; init; } = 64;

    [Description("training samples"), Range(1, 1000000)]
    public int Train { get; init; } = 512;

    [Description("validation samples"), Range(1, 1000000)]
    public int Validation { get; init; } = 128;

    [Description("test samples"), Range(1, 1000000)]
    public int Test { get; init; } = 256;

    [Description("of the scenes; a run has its own"), Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;

    [Description("standard deviation of the image's noise, as a share of full scale"), Range(0.0, 1)]
    public double Noise { get; init; } = 0.05;
}
