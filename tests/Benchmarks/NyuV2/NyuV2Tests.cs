using KdMtlBench.Host.Benchmarks.NyuV2;
using KdMtlBench.Host.Benchmarks.Pictures;
using KdMtlBench.Host.Formats;
using KdMtlBench.Tests.Formats;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Benchmarks.NyuV2;

public sealed class NyuV2Tests : TensorTest
{
    private static readonly NyuV2Options _options = new() { Height = NyuFiles.Height, Width = NyuFiles.Width, Validation = 1 };

    private readonly TemporaryFolder _root = new();
    private readonly List<string> _reports = [];

    public NyuV2Tests() => NyuFiles.Write(_root.File("nyu-v2"));

    public override void Dispose()
    {
        _root.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Every_pixel_comes_from_its_place_in_the_original_file()
    {
        using var data = Load(_options with { Validation = 0 });
        (data.Train.Count, data.Validation.Count, data.Test.Count).ShouldBe((3, 3, 2));
        foreach (var (split, pictures) in new[] { (data.Train, new[] { 0, 2, 4 }), (data.Validation, [0, 2, 4]), (data.Test, [1, 3]) })
        {
            var batch = split.Take(Samples.Range(0, split.Count, CPU));
            var (images, classes, depths) = (Values<float>(batch.Inputs["image"]), Values<long>(batch.Targets[0]), Values<float>(batch.Targets[1]));
            batch.Inputs["image"].shape.ShouldBe([pictures.Length, 3, 24, 32]);
            batch.Targets.Select(target => target.shape.Length).ShouldBe([3, 4, 4]);
            for (var i = 0; i < pictures.Length; i++)
                for (var row = 0; row < 24; row++)
                    for (var column = 0; column < 32; column++)
                    {
                        var place = (row * 32) + column;
                        for (var channel = 0; channel < 3; channel++)
                            images[(((i * 3) + channel) * 768) + place].ShouldBe(NyuFiles.Pixel(pictures[i], channel, row, column) / 255f, 1e-6f);
                        classes[(i * 768) + place].ShouldBe(NyuFiles.Class(NyuFiles.Label(pictures[i], row, column)));
                        depths[(i * 768) + place].ShouldBe(NyuFiles.Depth(pictures[i], row, column));
                    }
        }
    }

    [Fact]
    public void Smaller_pictures_take_labels_and_depths_of_the_nearest_pixel()
    {
        using var data = Load(_options with { Height = 16, Width = 16 });
        var batch = data.Test.Take(Samples.Range(0, 1, CPU));

        // Row 5 of 16 has its centre on row 8 of 24, column 3 of 16 on column 7 of 32.
        batch.Targets[1][0, 0, 5, 3].item<float>().ShouldBe(NyuFiles.Depth(1, 8, 7));
        batch.Targets[0][0, 5, 3].item<long>().ShouldBe(NyuFiles.Class(NyuFiles.Label(1, 8, 7)));
    }

    [Fact]
    public void Held_back_pictures_are_drawn_by_the_seed_from_those_to_learn_from()
    {
        var seen = new HashSet<float>();
        for (var seed = 1; seed <= 6; seed++)
        {
            using var data = Load(_options with { Seed = seed });
            (data.Train.Count, data.Validation.Count).ShouldBe((2, 1));
            var first = Firsts(data.Validation).Single();
            Firsts(data.Train).Append(first).Order().ShouldBe([0, 80 / 255f, 160 / 255f], 1e-6);
            seen.Add(first);
        }

        seen.Count.ShouldBeGreaterThan(1);
        Refused(_options with { Validation = 3 }).ShouldContain("validation holds 3 pictures back, but there are 3 to learn from");

        static float[] Firsts(Split split) => Values<float>(split.Take(Samples.Range(0, split.Count, CPU)).Inputs["image"][.., 0, 0, 0]);
    }

    [Fact]
    public void Normals_are_read_from_a_folder_where_there_is_one()
    {
        Directory.CreateDirectory(_root.File("nyu-v2/normals"));
        for (var number = 1; number <= NyuFiles.Count; number++)
        {
            var pixels = Enumerable.Repeat((byte)127, 768 * 3).ToArray();
            (pixels[3], pixels[4], pixels[5]) = (255, 128, (byte)(127 + number)); // row 0, column 1
            File.WriteAllBytes(_root.File($"nyu-v2/normals/norm_gt_{number:000000}.png"), Png.Colour(32, 24, pixels));
        }

        using var data = Load(_options);
        data.Description.ShouldEndWith("normals from the folder normals");
        var normals = data.Test.Take(Samples.Range(0, 2, CPU)).Targets[2];
        normals.shape.ShouldBe([2, 3, 24, 32]);
        foreach (var (picture, number) in new[] { (0, 2), (1, 4) })
        {
            var expected = new[] { 1, 128 / 127.5 - 1, (127 + number) / 127.5 - 1 };
            var length = Math.Sqrt(expected.Sum(value => value * value));
            for (var channel = 0; channel < 3; channel++)
                normals[picture, channel, 0, 1].item<float>().ShouldBe((float)(expected[channel] / length), 1e-5f);
        }

        normals.abs().sum([1]).ne(0).sum().item<long>().ShouldBe(2, "all else is void");

        File.Delete(_root.File("nyu-v2/normals/norm_gt_000003.png"));
        Refused(_options).ShouldContain("no file ends in 000003.png, though there are 5 pictures");
    }

    [Fact]
    public void Where_normals_are_computed_the_description_says_so()
    {
        using var data = Load(_options);
        data.Description.ShouldBe("nyu-v2: 5 pictures from nyu_depth_v2_labeled.mat; normals computed from depth");
        _reports.ShouldContain("reading " + data.Description);
    }

    [Fact]
    public void What_is_decoded_is_kept_and_found_by_content()
    {
        string first;
        using (var data = Load(_options))
            first = Fingerprint(data);
        var cached = Directory.EnumerateFiles(Cache).ShouldHaveSingleItem();
        var written = File.GetLastWriteTimeUtc(cached);

        using (var again = Load(_options with { Seed = 3 }))
            again.Train.Count.ShouldBe(2);
        using (var again = Load(_options))
            Fingerprint(again).ShouldBe(first);
        File.GetLastWriteTimeUtc(cached).ShouldBe(written, "nothing was decoded anew");

        Flip(cached, -100);
        using (var again = Load(_options))
            Fingerprint(again).ShouldBe(first);
        _reports.ShouldContain(report => report.StartsWith($"decoding anew, since {cached} is damaged", StringComparison.Ordinal));

        NyuFiles.Write(_root.File("nyu-v2"), label: (_, _, _) => 5);
        using (var other = Load(_options))
            Fingerprint(other).ShouldNotBe(first);
        Directory.EnumerateFiles(Cache).Count().ShouldBe(2);
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_said_and_no_more()
    {
        File.WriteAllText(Cache, "a file where the folder would be");
        using var data = Load(_options);

        data.Test.Count.ShouldBe(2);
        _reports.ShouldContain(report => report.StartsWith("the decoded pictures are not kept for the next time: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Files_that_do_not_fit_each_other_are_refused()
    {
        NyuFiles.Write(_root.File("nyu-v2"), train: [1, 2], test: [2, 4]);
        Refused(_options).ShouldContain("splits.mat: a picture is in both splits");
        NyuFiles.Write(_root.File("nyu-v2"), train: [1, 6], test: [2, 4]);
        Refused(_options).ShouldContain("trainNdxs has 6 at place 2, expected 1 to 5");
        NyuFiles.Write(_root.File("nyu-v2"), label: (picture, row, column) => (ushort)(picture == 3 && row == 7 && column == 9 ? 895 : 1));
        Refused(_options).ShouldContain("picture 4 has the label 895 at row 7, column 9, but 894 is the last");
        File.Delete(_root.File("nyu-v2/splits.mat"));
        Refused(_options).ShouldContain("without splits.mat");
    }

    [Fact]
    public void Mtan_folders_are_read_in_any_number_format()
    {
        WriteMtan("train", 3, i => Npy.Write(i == 1 ? "<f8" : "<f4", "24, 32, 3", [.. Image(i).SelectMany(v => i == 1 ? BitConverter.GetBytes((double)v) : BitConverter.GetBytes(v))]));
        WriteMtan("val", 2, i => Npy.Write("24, 32, 3", Image(i + 3)));
        using var data = Load(_options with { Source = PictureFiles.Mtan, Validation = 0 });

        data.Description.ShouldBe("nyu-v2: 5 pictures from MTAN's .npy folders");
        (data.Train.Count, data.Test.Count).ShouldBe((3, 2));
        var batch = data.Train.Take(Samples.Of([1], CPU));
        batch.Inputs["image"][0, 2, 5, 7].item<float>().ShouldBe(Image(1)[(((5 * 32) + 7) * 3) + 2]);
        batch.Targets[0][0, 5, 7].item<long>().ShouldBe(((5 * 32) + 7) % 13);
        batch.Targets[0][0, 0, 0].item<long>().ShouldBe(-1);
        batch.Targets[1][0, 0, 5, 7].item<float>().ShouldBe(2.5f);
        batch.Targets[2][0, .., 5, 7].data<float>().ToArray().ShouldBe([0, -1, 0]);
        batch.Targets[1][0, 0, 0, 0].item<float>().ShouldBe(0, "what is no number is invalid");
    }

    [Fact]
    public void Mtan_folders_that_are_incomplete_or_of_another_size_are_refused()
    {
        var options = _options with { Source = PictureFiles.Mtan };
        WriteMtan("train", 3, i => Npy.Write("24, 32, 3", Image(i)));
        Refused(options).ShouldContain("without val");
        WriteMtan("val", 2, i => Npy.Write("24, 32, 3", Image(i)));
        Refused(options with { Width = 40 }).ShouldContain("[24, 32, 3], but [24, 40, 3] is expected; set the options height and width");
        File.WriteAllBytes(_root.File("nyu-v2/val/label/1.npy"), Npy.Write("24, 32", [.. Enumerable.Repeat(13f, 768)]));
        Refused(options).ShouldContain("val/label/1.npy: label 0 (counted from 0) is 13, expected −1 to 12");
        File.Delete(_root.File("nyu-v2/val/depth/0.npy"));
        Refused(options).ShouldContain("val/depth/0.npy: missing, though");
    }

    [Fact]
    public void Disposing_the_data_leaves_no_tensor_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Load(_options).Dispose();
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
    }

    [Fact]
    public void A_cancelled_load_stops() => Should.Throw<OperationCanceledException>(() =>
        new NyuV2Benchmark(_options).Load(new DataContext(_root.Path, CPU, new CancellationToken(canceled: true)) { CacheFolder = Cache }));

    /// <summary>The real picture, depth, maps of classes and normals, put into the original file's layout.</summary>
    [RealDataFact("nyuv2/sample-433")]
    public void The_real_sample_has_its_known_depth_classes_and_normals()
    {
        string Real(string name) => Path.Combine(Repository.SharedData!, "nyuv2", name);
        var (picture, depth, normals) = (PngImage.Read(Real("sample-433/000433.png")), PngImage.Read(Real("sample-433/depth_gt_000433.png")), PngImage.Read(Real("sample-433/norm_gt_000433.png")));
        var forty = PngImage.Read(Real("sample-433/segm_gt_000433.png"));
        var names = Names(Mat5File.Read(Real("classMapping40.mat"), "allClassName")["allClassName"]);
        // One label of the 894 for each of the 40 classes.
        var ofForty = ((MatNumbers)Mat5File.Read(Real("classMapping40.mat"), "mapClass")["mapClass"]).Bytes.Select((to, label) => (to, label: (ushort)(label + 1)))
            .GroupBy(pair => (int)pair.to).ToDictionary(group => group.Key, group => group.First().label);
        var (images, depths, labels) = (new byte[2, 3, 640, 480], new float[2, 640, 480], new ushort[2, 640, 480]);
        for (var row = 0; row < 480; row++)
            for (var column = 0; column < 640; column++)
            {
                var place = (row * 640) + column;
                for (var channel = 0; channel < 3; channel++)
                    images[0, channel, column, row] = picture.Samples[(place * 3) + channel];
                depths[0, column, row] = depth.Words[place] / 5000f;
                labels[0, column, row] = forty.Samples[place] == 255 ? (ushort)0 : ofForty[forty.Samples[place] + 1];
                (depths[1, column, row], labels[1, column, row]) = (1, (ushort)(1 + Array.IndexOf(names, new[] { "bed", "wall", "floor", "window" }[row % 4])));
            }

        Hdf5.Write(_root.File("nyu-v2/nyu_depth_v2_labeled.mat"), ("images", images, [1, 3, 640, 480]), ("depths", depths, [1, 640, 480]), ("labels", labels, [1, 640, 480]));
        File.WriteAllBytes(_root.File("nyu-v2/splits.mat"), Mat5.File(Mat5.Doubles("trainNdxs", [1, 1], 1), Mat5.Doubles("testNdxs", [1, 1], 2)));
        File.Copy(Real("classMapping40.mat"), _root.File("nyu-v2/classMapping40.mat"), overwrite: true);
        File.Copy(Real("class13Mapping.mat"), _root.File("nyu-v2/class13Mapping.mat"), overwrite: true);
        using var data = Load(new NyuV2Options { Height = 480, Width = 640, Validation = 0 });
        var (sample, other) = (data.Train.Take(Samples.Range(0, 1, CPU)), data.Test.Take(Samples.Range(0, 1, CPU)));

        sample.Targets[1][0, 0, 240, 320].item<float>().ShouldBe(24568 / 5000f, 1e-5f); // 4.91 m
        var thirteen = Names(((MatStructs)Mat5File.Read(Real("class13Mapping.mat"), "classMapping13")["classMapping13"]).Fields["classNames"][0]);
        thirteen.ShouldBe(["bed", "books", "ceiling", "chair", "floor", "furniture", "objects", "picture", "sofa", "table", "tv", "wall", "window"]);
        Enumerable.Range(0, 4).Select(row => thirteen[(int)other.Targets[0][0, row, 5].item<long>()]).ShouldBe(["bed", "wall", "floor", "window"]);
        sample.Targets[0].eq(-1).sum().item<long>().ShouldBe(36017, "as many as the sample's labels have void");
        sample.Targets[0].eq(11).sum().item<long>().ShouldBe(99757, "wall");
        sample.Targets[0].eq(4).sum().item<long>().ShouldBe(60666, "floor");

        // The published normals come from a smoothed depth; most of the computed ones are within a few degrees.
        var truth = tensor(normals.Samples, [480, 640, 3]).permute(2, 0, 1).to(ScalarType.Float32) / 127.5 - 1;
        var computed = sample.Targets[2][0];
        var valid = computed.ne(0).any(0).logical_and_((truth.abs() > 0.01).any(0));
        var cosine = (computed * truth).sum([0]) / truth.norm(0).clamp(min: 1e-6);
        var degrees = cosine.masked_select(valid).clamp(-1, 1).acos() * (180 / Math.PI);
        degrees.numel().ShouldBeGreaterThan(150_000);
        degrees.median().item<float>().ShouldBeLessThan(9);
        degrees.lt(11.25).to(ScalarType.Float32).mean().item<float>().ShouldBeGreaterThan(0.6f);

        static string[] Names(MatValue cells) => [.. ((MatCells)cells).Items.Cast<MatText>().Select(text => text.Text)];
    }

    private string Cache => _root.File("cache");

    private BenchmarkData Load(NyuV2Options options) =>
        new NyuV2Benchmark(options).Load(new DataContext(_root.Path, CPU, default) { CacheFolder = Cache, Report = _reports.Add });

    private string Refused(NyuV2Options options) => Should.Throw<InputException>(() => Load(options)).Message;

    private static float[] Image(int picture) => [.. Enumerable.Range(0, 768 * 3).Select(i => ((i * 7) + picture) % 100 / 99f)];

    private void WriteMtan(string split, int count, Func<int, byte[]> image)
    {
        for (var i = 0; i < count; i++)
        {
            float[] labels = [-1, .. Enumerable.Range(1, 767).Select(place => (float)(place % 13))];
            float[] depths = [float.NaN, .. Enumerable.Repeat(2.5f, 767)];
            float[] normals = [.. Enumerable.Range(0, 768).SelectMany(_ => new[] { 0f, -1, 0 })];
            Save("image", image(i));
            Save("label", Npy.Write("<f4", "24, 32", [.. Turned(labels).SelectMany(BitConverter.GetBytes)], fortran: true));
            Save("depth", Npy.Write(i == 0 ? "24, 32" : "24, 32, 1", depths));
            Save("normal", Npy.Write("24, 32, 3", normals));

            void Save(string field, byte[] content)
            {
                var folder = _root.File($"nyu-v2/{split}/{field}");
                Directory.CreateDirectory(folder);
                File.WriteAllBytes(Path.Combine(folder, $"{i}.npy"), content);
            }
        }

        // Column by column.
        static IEnumerable<float> Turned(float[] values) => from column in Enumerable.Range(0, 32) from row in Enumerable.Range(0, 24) select values[(row * 32) + column];
    }

    private static void Flip(string path, int fromEnd)
    {
        var content = File.ReadAllBytes(path);
        content[content.Length + fromEnd] ^= 1;
        File.WriteAllBytes(path, content);
    }

    private static string Fingerprint(BenchmarkData data)
    {
        var batches = new[] { data.Train, data.Validation, data.Test }.Select(split => split.Take(Samples.Range(0, split.Count, CPU)));
        return string.Concat(batches.SelectMany(batch => batch.Targets.Prepend(batch.Inputs["image"])).Select(tensor => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(tensor.contiguous().bytes))));
    }

    private static T[] Values<T>(Tensor tensor)
        where T : unmanaged => tensor.contiguous().data<T>().ToArray();
}
