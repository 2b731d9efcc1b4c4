using System.Security.Cryptography;
using KdMtlBench.Host.Benchmarks.MultiMnist;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Benchmarks.MultiMnist;

/// <summary>On small made-up sources whose images carry their own number in two corners that no other image covers:
/// training images 0 to 59, test images 100 to 119.</summary>
public sealed class MultiMnistTests : TensorTest
{
    private const int TrainImages = 60;
    private const int TestImages = 20;
    private const int FirstTestNumber = 100;

    private static readonly MultiMnistOptions _small = new() { Train = 50, Validation = 10, Test = 20 };

    private readonly string _root = Directory.CreateTempSubdirectory("kdmtl-multi-mnist-").FullName;
    private readonly Source _mnist = new(seed: 1);
    private readonly Source _fashion = new(seed: 2);

    public MultiMnistTests()
    {
        _mnist.Write(Path.Combine(_root, "mnist"), packed: true);
        _fashion.Write(Path.Combine(_root, "fashion-mnist"), packed: false);
    }

    public override void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Each_canvas_shows_the_brighter_of_its_two_images()
    {
        using var data = Load(_small with { Right = DigitSource.FashionMnist });
        foreach (var split in new[] { data.Train, data.Validation, data.Test })
        {
            var all = Read(split);
            for (var i = 0; i < all.Count; i++)
            {
                var (left, right) = (_mnist.Pixels[all.LeftNumber(i)], _fashion.Pixels[all.RightNumber(i)]);
                for (var row = 0; row < 36; row++)
                    for (var column = 0; column < 36; column++)
                        all.Pixel(i, row, column).ShouldBe(Math.Max(
                            row < 28 && column < 28 ? left[row * 28 + column] : 0,
                            row >= 8 && column >= 8 ? right[(row - 8) * 28 + column - 8] : 0));
            }
        }
    }

    [Fact]
    public void Labels_are_those_of_the_images_on_the_canvas()
    {
        using var data = Load(_small with { Left = DigitSource.FashionMnist });
        foreach (var split in new[] { data.Train, data.Validation, data.Test })
        {
            var all = Read(split);
            for (var i = 0; i < all.Count; i++)
            {
                all.Left[i].ShouldBe(_fashion.Labels[all.LeftNumber(i)]);
                all.Right[i].ShouldBe(_mnist.Labels[all.RightNumber(i)]);
            }
        }
    }

    [Fact]
    public void No_source_image_serves_two_splits()
    {
        using var data = Load(_small with { Train = 400, Validation = 200, Test = 100 });
        var (train, validation, test) = (Numbers(data.Train), Numbers(data.Validation), Numbers(data.Test));

        (train.Count, validation.Count, test.Count).ShouldBe((50, 10, TestImages));
        train.Intersect(validation).ShouldBeEmpty();
        train.Concat(validation).ShouldAllBe(number => number < TrainImages);
        test.ShouldAllBe(number => number >= FirstTestNumber);

        static HashSet<int> Numbers(Split split)
        {
            var all = Read(split);
            return [.. Enumerable.Range(0, all.Count).SelectMany(i => new[] { all.LeftNumber(i), all.RightNumber(i) })];
        }
    }

    [Fact]
    public void Every_source_image_is_used_equally_often_on_each_side()
    {
        using var data = Load(_small with { Train = 125 });
        var all = Read(data.Train);
        foreach (var numbers in new[] { Enumerable.Range(0, 125).Select(all.LeftNumber), Enumerable.Range(0, 125).Select(all.RightNumber) })
        {
            var uses = numbers.GroupBy(number => number).Select(group => group.Count()).ToArray();
            uses.Length.ShouldBe(50);
            uses.ShouldAllBe(count => count == 2 || count == 3);
        }
    }

    [Fact]
    public void Partners_change_from_pass_to_pass_and_are_rarely_the_image_itself()
    {
        using var data = Load(_small with { Train = 500 });
        var all = Read(data.Train);
        var pairs = Enumerable.Range(0, 500).Select(i => (all.LeftNumber(i), all.RightNumber(i))).ToArray();

        pairs.Distinct().Count().ShouldBeGreaterThan(400);
        pairs.Count(pair => pair.Item1 == pair.Item2).ShouldBeLessThan(40);
    }

    [Fact]
    public void A_seed_gives_the_same_data_at_every_load_even_when_loads_overlap()
    {
        var loads = Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).Select(_ =>
        {
            using var data = Load(_small);
            return (Fingerprint(data), data.Sha256);
        }).ToArray();

        loads.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public void Another_seed_gives_other_data()
    {
        using var first = Load(_small);
        using var second = Load(_small with { Seed = 2 });

        Fingerprint(second).ShouldNotBe(Fingerprint(first));
        second.Sha256.ShouldNotBe(first.Sha256);
    }

    [Fact]
    public void A_smaller_split_is_the_start_of_a_larger_one_and_leaves_the_others_alone()
    {
        using var large = Load(_small with { Train = 130 });
        using var small = Load(_small with { Train = 70 });

        Read(small.Train).Pixels.ShouldBe(Read(large.Train).Pixels[..(70 * 36 * 36)]);
        Read(small.Validation).Pixels.ShouldBe(Read(large.Validation).Pixels);
        Read(small.Test).Pixels.ShouldBe(Read(large.Test).Pixels);
    }

    [Fact]
    public void The_hash_follows_content_and_options_not_how_the_files_are_packed()
    {
        using var before = Load(_small);
        Directory.Delete(Path.Combine(_root, "mnist"), recursive: true);
        _mnist.Write(Path.Combine(_root, "mnist"), packed: false);
        using var repacked = Load(_small);
        using var shorter = Load(_small with { Test = 19 });
        ChangeLastByte("t10k-images-idx3-ubyte");
        using var otherPixel = Load(_small);
        ChangeLastByte("train-labels-idx1-ubyte");
        using var otherLabel = Load(_small);

        repacked.Sha256.ShouldBe(before.Sha256);
        new[] { before.Sha256, shorter.Sha256, otherPixel.Sha256, otherLabel.Sha256 }.Distinct().Count().ShouldBe(4);
        before.Sha256.ShouldMatch("^[0-9a-f]{64}$");
    }

    [Fact]
    public void A_batch_holds_floats_up_to_one_and_int64_classes()
    {
        using var data = Load(_small);
        using var scope = NewDisposeScope();
        var batch = data.Train.Take(Samples.Of([3, 1], CPU));

        batch.Inputs["image"].shape.ShouldBe([2, .. new MultiMnistBenchmark(_small).Inputs.Single().Shape.Skip(1)]);
        batch.Inputs["image"].dtype.ShouldBe(ScalarType.Float32);
        batch.Inputs["image"].max().item<float>().ShouldBeInRange(0.9f, 1);
        batch.Targets.Count.ShouldBe(2);
        batch.Targets.ShouldAllBe(target => target.dtype == ScalarType.Int64 && target.shape.SequenceEqual(new long[] { 2 }));
        (data.Train.Count, data.Validation.Count, data.Test.Count).ShouldBe((50, 10, 20));
    }

    [Fact]
    public void Disposing_the_data_leaves_no_tensor_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Load(_small).Dispose();

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
    }

    [Fact]
    public void A_cancelled_load_stops() => Should.Throw<OperationCanceledException>(() =>
        new MultiMnistBenchmark(_small).Load(new DataContext(_root, CPU, new CancellationToken(canceled: true))));

    [Fact]
    public void Missing_mnist_is_refused_with_its_files_and_address()
    {
        var root = Path.Combine(_root, "nothing");

        Refused(() => Load(_small, root)).ShouldBe($"the data set MNIST is missing (searched {root}/mnist: no such folder); get "
            + "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz "
            + $"from https://ossci-datasets.s3.amazonaws.com/mnist/, and put them into {root}/mnist");
    }

    [Fact]
    public void More_labels_than_images_are_refused() => RefusedLabels(new byte[TrainImages + 1])
        .ShouldBe($"{In("train-labels-idx1-ubyte.gz")}: 61 labels, but {In("train-images-idx3-ubyte.gz")} has 60 images; take both from the same release");

    [Fact]
    public void A_label_beyond_nine_is_refused() => RefusedLabels([.. new byte[42], 10, .. new byte[17]])
        .ShouldBe($"{In("train-labels-idx1-ubyte.gz")}: label 42 (counted from 0) is 10, expected 0 to 9; put the original file in its place");

    [Fact]
    public void Images_of_another_size_are_refused()
    {
        File.WriteAllBytes(In("t10k-images-idx3-ubyte.gz"), Idx.Images(TestImages, 32, 28, new byte[TestImages * 32 * 28]));

        Refused(() => Load(_small)).ShouldBe(
            $"{In("t10k-images-idx3-ubyte.gz")}: images of 32×28 pixels, expected 28×28; put the original file in its place");
    }

    [Fact]
    public void Too_few_images_to_hold_some_back_are_refused()
    {
        File.WriteAllBytes(In("train-images-idx3-ubyte.gz"), Idx.Images(5, 28, 28, new byte[5 * 784]));

        RefusedLabels(new byte[5]).ShouldBe(
            "Mnist has 5 training images, but one in 6 is held back for validation; put the original files in their place");
    }

    /// <summary>Guards published results against a change of the random source or of the composition.</summary>
    [RealDataFact("mnist/train-images-idx3-ubyte.gz")]
    public void Real_mnist_composes_to_pinned_data()
    {
        using var data = Load(new(), Repository.SharedData!);

        (data.Train.Count, data.Validation.Count, data.Test.Count).ShouldBe((50000, 10000, 10000));
        Fingerprint(data).ShouldBe("26d7a14bd4754c013b949acbaf3dcf77613054dbc647c0d1cabfdbf232ee68c0");
    }

    [FashionMnistFact]
    public void Fashion_mnist_is_found_where_debian_puts_it()
    {
        var clothes = DigitSet.Read(null, DigitSource.FashionMnist);

        (clothes.Train.Count, clothes.Test.Count).ShouldBe((60000, 10000));
        clothes.Train.Labels[..10].ShouldBe(new byte[] { 9, 0, 0, 3, 0, 2, 7, 2, 5, 5 });
        clothes.Train.Labels.GroupBy(label => label).ShouldAllBe(group => group.Count() == 6000);
        clothes.Train.Pixels.Sum(pixel => (long)pixel).ShouldBe(3431114169);
    }

    private BenchmarkData Load(MultiMnistOptions options, string? root = null) =>
        new MultiMnistBenchmark(options).Load(new DataContext(root ?? _root, CPU, CancellationToken.None));

    private void ChangeLastByte(string file)
    {
        var content = File.ReadAllBytes(In(file));
        content[^1] ^= 1;
        File.WriteAllBytes(In(file), content);
    }

    private string In(string file) => Path.Combine(_root, "mnist", file);

    private string RefusedLabels(byte[] labels)
    {
        File.WriteAllBytes(In("train-labels-idx1-ubyte.gz"), Idx.Gzip(Idx.Labels(labels)));
        return Refused(() => Load(_small));
    }

    private static string Refused(Action load) => Should.Throw<InputException>(load).Message;

    private static string Fingerprint(BenchmarkData data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var split in new[] { data.Train, data.Validation, data.Test })
        {
            var all = Read(split);
            foreach (var bytes in new[] { all.Pixels, all.Left, all.Right })
                hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static Canvases Read(Split split)
    {
        using var scope = NewDisposeScope();
        var batch = split.Take(Samples.Range(0, split.Count, CPU));
        return new(Bytes(batch.Inputs["image"].mul(255).round()), Bytes(batch.Targets[0]), Bytes(batch.Targets[1]));

        static byte[] Bytes(Tensor values) => values.to(ScalarType.Byte).bytes.ToArray();
    }

    /// <summary>A split's samples: [count, 36, 36], [count], [count].</summary>
    private sealed record Canvases(byte[] Pixels, byte[] Left, byte[] Right)
    {
        public int Count => Left.Length;

        public int Pixel(int sample, int row, int column) => Pixels[(sample * 36 + row) * 36 + column];

        public int LeftNumber(int sample) => Pixel(sample, 0, 0);

        public int RightNumber(int sample) => Pixel(sample, 35, 35);
    }

    /// <summary>Random images and labels by number.</summary>
    private sealed class Source(int seed)
    {
        private readonly Random _random = new(seed);

        public Dictionary<int, byte[]> Pixels { get; } = [];

        public Dictionary<int, byte> Labels { get; } = [];

        public void Write(string folder, bool packed)
        {
            Directory.CreateDirectory(folder);
            Write(folder, packed, "train", 0, TrainImages);
            Write(folder, packed, "t10k", FirstTestNumber, TestImages);
        }

        private void Write(string folder, bool packed, string part, int first, int count)
        {
            var numbers = Enumerable.Range(first, count).ToArray();
            foreach (var number in numbers)
                Make(number);
            Save("images-idx3-ubyte", Idx.Images(count, 28, 28, [.. numbers.SelectMany(number => Pixels[number])]));
            Save("labels-idx1-ubyte", Idx.Labels([.. numbers.Select(number => Labels[number])]));

            void Save(string name, byte[] content) => File.WriteAllBytes(
                Path.Combine(folder, $"{part}-{name}{(packed ? ".gz" : "")}"), packed ? Idx.Gzip(content) : content);
        }

        private void Make(int number)
        {
            if (Pixels.ContainsKey(number))
                return;
            var pixels = new byte[28 * 28];
            _random.NextBytes(pixels);
            pixels[0] = pixels[^1] = (byte)number;
            Pixels[number] = pixels;
            Labels[number] = (byte)_random.Next(10);
        }
    }
}

/// <summary>A test on Debian's package dataset-fashion-mnist; skipped, with the reason shown, where it is not installed.</summary>
internal sealed class FashionMnistFactAttribute : FactAttribute
{
    public FashionMnistFactAttribute()
    {
        if (!Directory.Exists("/usr/share/datasets/fashion-mnist"))
            Skip = "needs Debian's package dataset-fashion-mnist, which is not installed";
    }
}
