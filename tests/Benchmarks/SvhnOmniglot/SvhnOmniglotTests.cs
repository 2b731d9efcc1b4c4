using KdMtlBench.Host.Benchmarks.SvhnOmniglot;
using KdMtlBench.Host.Components;
using KdMtlBench.Host.Models;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Benchmarks.SvhnOmniglot;

/// <summary>On sources in the exact layout of the originals: 60 and 20 digits, three alphabets of two characters.</summary>
public sealed class SvhnOmniglotTests : TensorTest
{
    // The drawings are cut from 108 pixels, larger than they are: nothing is lost.
    private static readonly SvhnOmniglotOptions _options = new() { Characters = 6, Size = 96 };

    private readonly TemporaryFolder _root = new();

    public SvhnOmniglotTests()
    {
        Sources.WriteSvhn(_root.File("svhn/train_32x32.mat"), 60);
        Sources.WriteSvhn(_root.File("svhn/test_32x32.mat"), 20);
        Sources.WriteOmniglot(_root.File("omniglot/images_background.zip"), ["Latin", "Greek"]);
        Sources.WriteOmniglot(_root.File("omniglot/images_evaluation.zip"), ["Elvish"]);
    }

    public override void Dispose()
    {
        _root.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Svhn_is_turned_from_columns_to_rows_and_its_ten_is_the_digit_zero()
    {
        var digits = SvhnDigits.Read(_root.File("svhn/train_32x32.mat"));

        digits.Count.ShouldBe(60);
        digits.Pixels[((7 * 3 + 2) * 32 + 5) * 32 + 31].ShouldBe(Sources.SvhnPixel(7, channel: 2, row: 5, column: 31));
        digits.Labels[..10].ShouldBe(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 0 });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    public void Svhn_labels_other_than_one_to_ten_are_refused(int label)
    {
        Sources.WriteSvhn(_root.File("svhn/train_32x32.mat"), 3, picture => picture == 2 ? label : 1);
        Refused(_options).ShouldContain($"label 2 (counted from 0) is {label}, expected 1 to 10");
    }

    [Fact]
    public void A_pass_to_score_shows_every_picture_of_each_task_once()
    {
        using var data = Load(_options);
        (data.Train.Count, data.Validation.Count, data.Test.Count).ShouldBe((66, 24, 30));
        foreach (var (split, digits, characters) in new[] { (data.Train, 50, 66), (data.Validation, 10, 24), (data.Test, 20, 30) })
        {
            var batches = Enumerable.Range(0, (int)split.Count).Chunk(16).Select(chunk => split.Take(Samples.Range(chunk[0], chunk.Length, CPU))).ToList();
            batches.Sum(batch => batch.Targets[0].shape[0]).ShouldBe(digits);
            batches.Sum(batch => batch.Targets[1].shape[0]).ShouldBe(characters);
            var all = cat([.. batches.Select(batch => batch.Targets[1])]).data<long>().ToArray();
            all.GroupBy(c => c).ShouldAllBe(group => group.Count() == characters / 6);
            batches.ShouldAllBe(batch => batch.Rows![1].Start == batch.Rows[0].Count && batch.Inputs["image"].shape[0] == batch.Rows[1].Start + batch.Rows[1].Count);
        }
    }

    [Fact]
    public void Classes_are_in_the_order_of_alphabets_and_belong_to_their_drawings()
    {
        using var data = Load(_options);
        // Characters are numbered 0 to 3 in the first zip, Latin first, and 0 to 1 in the second.
        var written = new Dictionary<long, int> { [0] = 0, [1] = 1, [2] = 2, [3] = 3, [4] = 0, [5] = 1 };
        foreach (var drawing in Drawings(data.Train).Concat(Drawings(data.Test)))
            drawing.Written.ShouldBe(written[drawing.Class]);
    }

    [Fact]
    public void No_hand_of_an_alphabet_is_in_two_splits()
    {
        using var data = Load(_options);
        var drawers = new[] { data.Train, data.Validation, data.Test }.Select(split => Drawings(split).Select(drawing => (drawing.Class / 2, drawing.Drawer)).ToHashSet()).ToList();

        drawers.Select(set => set.Count).ShouldBe([33, 12, 15]);
        drawers.SelectMany(set => set).Distinct().Count().ShouldBe(60);
        drawers[0].Where(hand => hand.Item1 == 0).Select(hand => hand.Drawer).Order()
            .ShouldNotBe(drawers[0].Where(hand => hand.Item1 == 1).Select(hand => hand.Drawer).Order(), "each alphabet has its own order");
    }

    [Fact]
    public void A_batch_to_learn_from_has_as_many_pictures_of_each_task()
    {
        using var data = Load(_options);
        var batch = data.Train.Draw(Samples.Of([65, 3, 50, 53], CPU), new Random(1));

        batch.Inputs["image"].shape.ShouldBe([8, 3, 96, 96]);
        batch.Inputs["image"].dtype.ShouldBe(ScalarType.Float32);
        batch.Rows.ShouldBe([(0, 4), (4, 4)]);
        // Digits 65, 3, 50 and 53 of 50.
        var digits = data.Train.Take(Samples.Of([15, 3, 0, 3], CPU)).Targets[0];
        batch.Targets[0].data<long>().ToArray().ShouldBe(digits.data<long>().ToArray());
        batch.Targets[1].data<long>().ToArray().ShouldBe(data.Train.Take(Samples.Of([65, 3, 50, 53], CPU)).Targets[1].data<long>().ToArray());
    }

    [Fact]
    public void Pictures_are_cut_at_random_to_learn_from_and_only_then()
    {
        using var data = Load(_options with { Size = 28 }); // resized to 31, 3 to spare
        var one = Samples.Of([5], CPU);
        var drawn = Enumerable.Range(0, 60).Select(seed => Text(data.Train.Draw(one, new Random(seed)))).ToList();

        drawn.Distinct().Count().ShouldBeGreaterThan(15); // 16 places for the digit
        Text(data.Train.Draw(one, new Random(7))).ShouldBe(drawn[7]);
        Text(data.Validation.Draw(one, new Random(1))).ShouldBe(Text(data.Validation.Take(one)));

        using var plain = Load(_options with { Size = 28, Augment = false });
        Text(plain.Train.Draw(one, new Random(1))).ShouldBe(Text(data.Train.Take(one)));

        static string Text(Batch batch) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(batch.Inputs["image"].contiguous().bytes));
    }

    [Fact]
    public void Validation_losses_are_means_over_each_tasks_own_pictures()
    {
        using var data = Load(_options with { Size = 24 });
        foreach (var task in new[] { null, "digits", "characters" })
        {
            var training = new TrainingOptions { Epochs = 1, BatchSize = 16 };
            var spec = new RunSpec(
                new(new CatalogEntry("svhn-omniglot", "", "", typeof(SvhnOmniglotBenchmark)), _options with { Size = 24 }, "", new Dictionary<string, string>()),
                new(new CatalogEntry("lenet", "", "", typeof(LeNet)), new LeNetOptions(), "", new Dictionary<string, string>()),
                training, new Dictionary<string, string>(), task is null ? [Tiny.Component("sum", typeof(Tiny.Sum))] : [], task, 1);
            using var run = new RunContext(spec, spec.Benchmark.CreateBenchmark(), data, CPU);
            run.InitialiseStrategies();
            using var trainer = new Trainer(run);
            var epochs = new List<EpochRecord>();
            trainer.Train(epochs.Add, default);

            run.Network.TrainMode(false);
            var all = run.Take(data.Validation, Samples.Range(0, data.Validation.Count, CPU));
            var predictions = run.Network.Predict(all);
            foreach (var (own, i) in run.Tasks.Select((own, i) => (own, i)))
                epochs[0].ValidationLosses[own.Id].ShouldBe(own.Loss(predictions[i], all.Targets[i]).item<float>(), 1e-4);
        }
    }

    [Fact]
    public void Another_number_of_characters_is_refused_with_the_one_that_is_there() => Refused(_options with { Characters = 1623 }).ShouldBe(
        "svhn-omniglot: 6 characters of 3 alphabets were found, but the option characters says 1623; set it to 6, or get the missing alphabets");

    [Fact]
    public void Alphabets_can_be_chosen()
    {
        using var data = Load(_options with { Characters = 2, Alphabets = ["Elvish"] });
        data.Test.Count.ShouldBe(20);
        Drawings(data.Test).Count.ShouldBe(10);
        Refused(_options with { Alphabets = ["Klingon"] }).ShouldContain("the alphabet Klingon is not in it");
    }

    [Fact]
    public void A_character_that_a_drawer_left_out_is_refused()
    {
        Sources.WriteOmniglot(_root.File("omniglot/images_evaluation.zip"), ["Elvish"], drawers: 19);
        Refused(_options).ShouldContain("Elvish/character01 is not drawn once by each of 20 drawers");
    }

    [Fact]
    public void More_digits_than_there_are_are_refused() =>
        Refused(_options with { TrainDigits = 51 }).ShouldContain("train-digits asks for 51 pictures, but Svhn has 50");

    [Fact]
    public void Missing_files_are_refused_with_where_to_get_them() =>
        Should.Throw<InputException>(() => new SvhnOmniglotBenchmark(_options).Load(new DataContext(_root.File("nothing"), CPU, default)))
            .Message.ShouldContain("get train_32x32.mat and test_32x32.mat from http://ufldl.stanford.edu/housenumbers/");

    [Fact]
    public void The_hash_follows_options_and_content()
    {
        string Hash(SvhnOmniglotOptions options)
        {
            using var data = Load(options);
            return data.Sha256;
        }

        var first = Hash(_options);
        Hash(_options with { Alphabets = [] }).ShouldBe(first);
        Hash(_options with { Seed = 2 }).ShouldNotBe(first);
        Sources.WriteSvhn(_root.File("svhn/test_32x32.mat"), 20, picture => picture == 4 ? 1 : Sources.SvhnLabel(picture));
        Hash(_options).ShouldNotBe(first);
    }

    [Fact]
    public void Disposing_the_data_leaves_no_tensor_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Load(_options).Dispose();
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
    }

    [RealDataFact("omniglot/images_background_small1.zip")]
    public void Real_mnist_and_real_omniglot_make_an_uneven_pair()
    {
        var options = new SvhnOmniglotOptions { Digits = DigitPictures.Mnist, Characters = 136, Size = 32, TrainDigits = 5000, ValidationDigits = 100, TestDigits = 1000 };
        using var data = new SvhnOmniglotBenchmark(options).Load(new DataContext(Repository.SharedData, CPU, default));

        (data.Train.Count, data.Validation.Count, data.Test.Count).ShouldBe((5000, 136 * 4, 1000));
        var batch = data.Train.Take(Samples.Range(0, 5000, CPU));
        batch.Rows.ShouldBe([(0, 5000), (5000, 136 * 11)]);
        batch.Targets[1].max().item<long>().ShouldBe(135);
        batch.Inputs["image"].shape[1].ShouldBe(1);
        // Ink is bright in one source, dark in the other.
        batch.Inputs["image"][..5000].mean().item<float>().ShouldBeInRange(0.1f, 0.2f);
        batch.Inputs["image"][5000..].mean().item<float>().ShouldBeInRange(0.9f, 0.99f);
    }

    [RealDataFact("omniglot/images_background_small1.zip")]
    public void A_real_drawing_has_its_known_pixels()
    {
        var drawings = OmniglotDrawings.Read([Path.Combine(Repository.SharedData!, "omniglot/images_background_small1.zip")], [], default);

        drawings.Count.ShouldBe(2720);
        drawings.GroupBy(drawing => drawing.Alphabet).Select(group => (group.Key, group.Count() / 20)).ShouldBe(
            [("Balinese", 24), ("Early_Aramaic", 22), ("Greek", 24), ("Korean", 40), ("Latin", 26)]);
        // The same drawing in the authors' MATLAB file, where ink is false.
        var drawing = drawings.Single(d => d is { Alphabet: "Latin", Character: "character26", Drawer: 20 });
        var images = (Host.Formats.MatCells)Host.Formats.Mat5File.Read(Path.Combine(Repository.SharedData!, "omniglot/data_background_small1.mat"), "images")["images"];
        var characters = (Host.Formats.MatCells)images.Items[4];
        var twin = (Host.Formats.MatNumbers)((Host.Formats.MatCells)characters.Items[25]).Items[19];
        for (var row = 0; row < 105; row++)
            for (var column = 0; column < 105; column++)
                (drawing.Pixels[row * 105 + column] == 255).ShouldBe(twin.Bytes[column * 105 + row] == 1);
    }

    private static List<(long Class, int Written, int Drawer)> Drawings(Split split)
    {
        var batch = split.Take(Samples.Range(0, split.Count, CPU));
        var (start, count) = batch.Rows![1];
        var result = new List<(long, int, int)>();
        for (var i = 0; i < count; i++)
        {
            // The middle 96 of 108 rows hold nothing of the first row; so the stored pictures are looked at.
            var row = Stored(split, i);
            result.Add((batch.Targets[1][i].item<long>(), Byte(row[..8]), Byte(row[8..16])));
        }

        return result;

        static int Byte(byte[] bits) => bits.Aggregate(0, (value, bit) => 2 * value + (bit == 255 ? 1 : 0));
    }

    private static byte[] Stored(Split split, long i) => [.. ((OwnImagesSplit)split).Tasks[1].Pictures[i, 0, 0].data<byte>()];

    private BenchmarkData Load(SvhnOmniglotOptions options) => new SvhnOmniglotBenchmark(options).Load(new DataContext(_root.Path, CPU, default));

    private string Refused(SvhnOmniglotOptions options) => Should.Throw<InputException>(() => Load(options)).Message;
}
