using System.ComponentModel.DataAnnotations;
using KdMtlBench.Host.Benchmarks.Scenes;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Benchmarks.Scenes;

public sealed class SyntheticScenesTests : TensorTest
{
    private static readonly ScenesOptions Small = new() { Height = 24, Width = 32, Train = 12, Validation = 5, Test = 7 };

    [Fact]
    public void A_sample_is_the_same_alone_on_one_thread_and_on_many()
    {
        var scenes = new SyntheticScenes(Small);
        var many = scenes.Render(0, 12, new ParallelOptions { MaxDegreeOfParallelism = 8 });
        var one = scenes.Render(0, 12, new ParallelOptions { MaxDegreeOfParallelism = 1 });
        var alone = new SyntheticScenes(Small with { Train = 100 }).Render(0, 11);

        many.Image.ShouldBe(one.Image);
        many.Labels.ShouldBe(one.Labels);
        many.Depth.ShouldBe(one.Depth);
        many.Normals.ShouldBe(one.Normals);
        many.Image[^alone.Image.Length..].ShouldBe(alone.Image);
        many.Labels[^alone.Labels.Length..].ShouldBe(alone.Labels);
        many.Depth[^alone.Depth.Length..].ShouldBe(alone.Depth);
        many.Normals[^alone.Normals.Length..].ShouldBe(alone.Normals);
    }

    [Fact]
    public void Splits_hold_what_tasks_want()
    {
        using var scope = NewDisposeScope();
        using var data = Load(Small);

        new[] { data.Train.Count, data.Validation.Count, data.Test.Count }.ShouldBe([12, 5, 7]);
        var batch = data.Train.Take(Samples.Of([11, 0], CPU));
        Shape(batch.Inputs["image"]).ShouldBe("Float32 [2, 3, 24, 32]");
        batch.Targets.Select(Shape).ShouldBe(["Int64 [2, 24, 32]", "Float32 [2, 1, 24, 32]", "Float32 [2, 3, 24, 32]"]);

        var sample = new SyntheticScenes(Small).Render(0, 11);
        batch.Inputs["image"][0].data<float>().ToArray().ShouldBe(sample.Image.Select(value => value / 255f));
        batch.Targets[0][0].data<long>().ToArray().ShouldBe(sample.Labels.Select(label => (long)label));
        batch.Targets[1][0].data<float>().ToArray().ShouldBe(sample.Depth);
        batch.Targets[2][0].data<float>().ToArray().ShouldBe(sample.Normals);
    }

    [Fact]
    public void No_sample_is_in_two_splits()
    {
        var scenes = new SyntheticScenes(Small);
        var images = from split in new[] { 0, 1, 2 } from sample in Enumerable.Range(0, 12)
            select Convert.ToHexString(scenes.Render(split, sample).Image);

        images.Distinct().Count().ShouldBe(36);
    }

    [Fact]
    public void Every_class_occurs_and_little_is_void()
    {
        var all = new SyntheticScenes(new ScenesOptions()).Render(0, 128, new ParallelOptions());

        for (sbyte shown = 0; shown < 7; shown++)
            Share(all.Labels, label => label == shown).ShouldBeInRange(0.02, 0.6);
        Share(all.Labels, label => label == -1).ShouldBeInRange(0.02, 0.12);
        Share(all.Depth, depth => depth == 0).ShouldBeInRange(0.005, 0.05);
        Share(all.Image, value => value is 0 or 255).ShouldBeLessThan(0.05);
        all.Depth.Max().ShouldBeInRange(8, 10);
        all.Depth.Where(depth => depth > 0).Min().ShouldBeInRange(0.5f, 1);
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(17, 90)]
    [InlineData(480, 640)]
    public void Any_size_can_be_rendered(int height, int width)
    {
        var sample = new SyntheticScenes(new ScenesOptions { Height = height, Width = width }).Render(0, 0);

        sample.Image.Length.ShouldBe(3 * height * width);
        sample.Labels.Distinct().Count().ShouldBeGreaterThan(3);
        sample.Depth.Length.ShouldBe(height * width);
    }

    [Fact]
    public void Another_size_shows_the_same_rooms()
    {
        var small = new SyntheticScenes(new ScenesOptions { Height = 48, Width = 64 }).Render(0, 4);
        var large = new SyntheticScenes(new ScenesOptions { Height = 144, Width = 192 }).Render(0, 4);

        // Pixel (r, c) and pixel (3r + 1, 3c + 1) of three times the size have the same centre.
        var pairs = from row in Enumerable.Range(0, 48) from column in Enumerable.Range(0, 64)
            select (Small: small.Depth[row * 64 + column], Large: large.Depth[(3 * row + 1) * 192 + 3 * column + 1]);
        var valid = pairs.Where(pair => pair.Small > 0 && pair.Large > 0).ToArray();
        valid.Length.ShouldBeGreaterThan(2800);
        valid.Count(pair => Math.Abs(pair.Small - pair.Large) < 1e-3).ShouldBeGreaterThan(valid.Length - 10);
    }

    [Fact]
    public void Seed_and_noise_change_the_samples_and_the_hash()
    {
        ScenesOptions[] variants = [Small, Small with { Seed = 2 }, Small with { Noise = 0 }];

        variants.Select(options => Convert.ToHexString(new SyntheticScenes(options).Render(0, 0).Image)).Distinct().Count().ShouldBe(3);
        variants.Append(Small with { Test = 8 }).Select(Hash).Distinct().Count().ShouldBe(4);
        Hash(Small).ShouldBe(Hash(Small with { }));
        Hash(Small).ShouldMatch("^[0-9a-f]{64}$");
    }

    [Fact]
    public void A_split_too_large_for_an_array_is_refused_before_rendering()
    {
        var refused = Should.Throw<InputException>(() => Load(new ScenesOptions { Train = 100000, Height = 480, Width = 640 }));

        refused.Message.ShouldContain("100000 samples of 480 × 640");
    }

    [Fact]
    public void Cancellation_stops_rendering()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        Should.Throw<OperationCanceledException>(() => new SyntheticScenes(Small).Load(new DataContext(null, CPU, source.Token)));
    }

    [Fact]
    public void Defaults_are_within_their_ranges()
    {
        var options = new ScenesOptions();

        Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true).ShouldBeTrue();
    }

    private static BenchmarkData Load(ScenesOptions options) =>
        new SyntheticScenes(options).Load(new DataContext(null, CPU, CancellationToken.None));

    private static string Hash(ScenesOptions options)
    {
        using var data = Load(options);
        return data.Sha256;
    }

    private static string Shape(Tensor values) => $"{values.dtype} [{string.Join(", ", values.shape)}]";

    private static double Share<T>(T[] values, Func<T, bool> condition) => values.Count(condition) / (double)values.Length;
}
