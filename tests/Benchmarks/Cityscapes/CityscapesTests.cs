using KdMtlBench.Host.Benchmarks.Cityscapes;
using KdMtlBench.Host.Benchmarks.Pictures;
using KdMtlBench.Host.Formats;
using KdMtlBench.Tests.Formats;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Benchmarks.Cityscapes;

/// <summary>On small pictures in the original folders: 32×16 pixels, three to learn from in two cities, two of the test.</summary>
public sealed class CityscapesTests : TensorTest
{
    private const int Width = 32;
    private const int Height = 16;

    private static readonly CityscapesOptions _options = new() { Height = Height, Width = Width, Validation = 1, Classes = 19 };

    private static readonly string[] _frames =
        ["train/aachen/aachen_000000_000019", "train/aachen/aachen_000001_000019", "train/zurich/zurich_000000_000019", "val/munster/munster_000000_000019", "val/frankfurt/frankfurt_000000_000294"];

    private readonly TemporaryFolder _root = new();

    public CityscapesTests()
    {
        for (var i = 0; i < _frames.Length; i++)
            Write(_frames[i], i);
    }

    public override void Dispose()
    {
        _root.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Every_pixel_comes_from_its_place_in_the_original_files()
    {
        using var data = Load(_options with { Validation = 0 });
        (data.Train.Count, data.Validation.Count, data.Test.Count).ShouldBe((3, 3, 2));
        var batch = data.Train.Take(Samples.Of([2], CPU));

        batch.Inputs["image"].shape.ShouldBe([1, 3, Height, Width]);
        batch.Inputs["image"][0, 1, 5, 7].item<float>().ShouldBe(Pixel(2, 1, 5, 7) / 255f, 1e-6f);
        batch.Targets[1].shape.ShouldBe([1, 1, Height, Width]);
        batch.Targets[1][0, 0, 5, 7].item<float>().ShouldBe(Disparity(2, 5, 7) / 65535f, 1e-9f);
        batch.Targets[1][0, 0, 0, 3].item<float>().ShouldBe(0);
        // The files of a split are in the order of their paths: frankfurt, then munster.
        data.Test.Take(Samples.Range(0, 1, CPU)).Inputs["image"][0, 0, 1, 1].item<float>().ShouldBe(Pixel(4, 0, 1, 1) / 255f, 1e-6f);
    }

    [Theory]
    [InlineData(19, 7, 0)] // road
    [InlineData(19, 33, 18)] // bicycle
    [InlineData(19, 10, -1)] // rail track
    [InlineData(19, 0, -1)]
    [InlineData(7, 8, 0)] // sidewalk: flat
    [InlineData(7, 13, 1)] // fence: construction
    [InlineData(7, 17, 2)] // pole: object
    [InlineData(7, 22, 3)] // terrain: nature
    [InlineData(7, 23, 4)]
    [InlineData(7, 25, 5)] // rider: human
    [InlineData(7, 31, 6)] // train: vehicle
    [InlineData(7, 29, -1)] // caravan
    public void Label_ids_become_classes(int classes, byte id, int expected)
    {
        foreach (var frame in _frames)
            File.WriteAllBytes(In($"gtFine/{frame}_gtFine_labelIds.png"), Png.Grey(Width, Height, [.. Enumerable.Repeat(id, Width * Height)]));
        using var data = Load(_options with { Classes = classes });

        data.Train.Take(Samples.Range(0, 1, CPU)).Targets[0].eq(expected).all().item<bool>().ShouldBeTrue();
    }

    [Fact]
    public void Smaller_pictures_keep_classes_and_disparities_of_single_pixels()
    {
        using var data = Load(_options with { Height = 16, Width = 16 });
        var batch = data.Test.Take(Samples.Of([1], CPU));

        // Column 6 of 16 has its centre on the edge of 12 and 13 of 32.
        batch.Targets[1][0, 0, 9, 6].item<float>().ShouldBe(Disparity(3, 9, 13) / 65535f, 1e-9f);
        batch.Targets[0].data<long>().ToArray().ShouldAllBe(label => label >= -1 && label < 19);
    }

    [Fact]
    public void Other_classes_than_7_or_19_are_refused() =>
        Should.Throw<InputException>(() => new CityscapesBenchmark(_options with { Classes = 8 })).Message.ShouldBe("cityscapes has 7 or 19 classes, not 8");

    [Fact]
    public void Incomplete_files_are_refused_by_name()
    {
        File.WriteAllBytes(In($"disparity/{_frames[1]}_disparity.png"), Png.Grey(Width, Height, new byte[Width * Height]));
        Refused(_options).ShouldContain("aachen_000001_000019_disparity.png: 1 channels of 8 bits, expected 1 of 16");
        File.WriteAllBytes(In($"disparity/{_frames[1]}_disparity.png"), Png.Grey(8, 4, new ushort[32]));
        Refused(_options).ShouldContain("aachen_000001_000019_disparity.png: 32 pixels, but its picture has 32×16");
        File.Delete(In($"gtFine/{_frames[0]}_gtFine_labelIds.png"));
        Refused(_options).ShouldContain("aachen_000000_000019_gtFine_labelIds.png: missing, though there is ");
        Directory.Delete(In("disparity"), recursive: true);
        Refused(_options).ShouldContain("without disparity");
    }

    [Theory]
    [InlineData("label_7", 7)]
    [InlineData("label_19", 19)]
    [InlineData("label", 7)]
    public void Mtan_folders_are_read(string labels, int classes)
    {
        foreach (var (split, count) in new[] { ("train", 3), ("val", 2) })
            for (var i = 0; i < count; i++)
            {
                Save($"{split}/image/{i}.npy", Npy.Write("|u1", "16, 32, 3", [.. Enumerable.Repeat((byte)(51 * i), Width * Height * 3)]));
                Save($"{split}/{labels}/{i}.npy", Npy.Write("16, 32", [-1, .. Enumerable.Repeat((float)(classes - 1), (Width * Height) - 1)]));
                Save($"{split}/depth/{i}.npy", Npy.Write("16, 32, 1", [.. Enumerable.Repeat(0.25f, Width * Height)]));
            }

        using var data = Load(_options with { Source = PictureFiles.Mtan, Classes = classes, Validation = 0 });
        var batch = data.Train.Take(Samples.Of([2], CPU));
        batch.Inputs["image"][0, 0, 0, 0].item<float>().ShouldBe(0.4f);
        batch.Targets[0][0, 0].data<long>().ToArray()[..2].ShouldBe([-1L, classes - 1]);
        batch.Targets[1].mean().item<float>().ShouldBe(0.25f);

        void Save(string path, byte[] content)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(In(path))!);
            File.WriteAllBytes(In(path), content);
        }
    }

    /// <summary>The disparity is made up: there is no real one here.</summary>
    [RealDataFact("cityscapes/gtFine")]
    public void The_real_frame_has_the_classes_that_its_authors_give_it()
    {
        var real = Path.Combine(Repository.SharedData!, "cityscapes");
        const string frame = "val/frankfurt/frankfurt_000000_000294";
        Directory.Delete(In("leftImg8bit/val"), recursive: true);
        Directory.CreateDirectory(In("leftImg8bit/val/frankfurt"));
        File.Copy(Path.Combine(real, $"leftImg8bit/{frame}_leftImg8bit.png"), In($"leftImg8bit/{frame}_leftImg8bit.png"));
        File.Copy(Path.Combine(real, $"gtFine/{frame}_gtFine_labelIds.png"), In($"gtFine/{frame}_gtFine_labelIds.png"), overwrite: true);
        File.WriteAllBytes(In($"disparity/{frame}_disparity.png"), Png.Grey(256, 128, [.. Enumerable.Range(0, 256 * 128).Select(i => (ushort)i)]));
        using var data = Load(_options with { Height = 128, Width = 256 });
        var batch = data.Test.Take(Samples.Range(0, 1, CPU));

        var trainIds = PngImage.Read(Path.Combine(real, $"gtFine/{frame}_gtFine_labelTrainIds.png")).Samples;
        var classes = batch.Targets[0].flatten().data<long>().ToArray();
        classes.Distinct().Count().ShouldBe(11);
        // The two files were made smaller one by one and differ in 77 pixels along edges; so most of each class decide.
        foreach (var pixels in classes.Zip(trainIds.Select(id => id == 255 ? -1L : id)).GroupBy(pair => pair.First))
            pixels.Count(pair => pair.Second == pixels.Key).ShouldBeGreaterThan(pixels.Count() * 95 / 100, $"class {pixels.Key}");
        batch.Targets[1][0, 0, 100, 7].item<float>().ShouldBe(25607 / 65535f, 1e-7f);
    }

    private static byte Pixel(int frame, int channel, int row, int column) => (byte)((40 * frame) + (70 * channel) + (3 * row) + column);

    private static ushort Disparity(int frame, int row, int column) => (ushort)(row == 0 ? 0 : (10000 * frame) + (300 * row) + column);

    private void Write(string frame, int number)
    {
        var places = Enumerable.Range(0, Width * Height).Select(place => (Row: place / Width, Column: place % Width)).ToArray();
        Save("leftImg8bit", "leftImg8bit", Png.Colour(Width, Height, [.. places.SelectMany(p => Enumerable.Range(0, 3).Select(channel => Pixel(number, channel, p.Row, p.Column)))]));
        Save("gtFine", "gtFine_labelIds", Png.Grey(Width, Height, [.. places.Select(p => (byte)((p.Row + p.Column) % 34))]));
        Save("disparity", "disparity", Png.Grey(Width, Height, [.. places.Select(p => Disparity(number, p.Row, p.Column))]));

        void Save(string folder, string ending, byte[] content)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(In($"{folder}/{frame}"))!);
            File.WriteAllBytes(In($"{folder}/{frame}_{ending}.png"), content);
        }
    }

    private string In(string path) => _root.File("cityscapes/" + path);

    private BenchmarkData Load(CityscapesOptions options) =>
        new CityscapesBenchmark(options).Load(new DataContext(_root.Path, CPU, default) { CacheFolder = _root.File("cache") });

    private string Refused(CityscapesOptions options) => Should.Throw<InputException>(() => Load(options)).Message;
}
