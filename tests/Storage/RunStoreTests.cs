using CsCheck;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Results;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Storage;

public sealed class RunStoreTests : IDisposable
{
    private static readonly Gen<string> Texts = Gen.Char["aZ09 \"\\/,;=\n\t°ü→"].Array[0, 12].Select(characters => new string(characters));

    private static readonly Gen<double> Numbers = Gen.OneOf(
        Gen.Double, Gen.OneOfConst(double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.1, -0.0, double.Epsilon, double.MaxValue));

    private static readonly Gen<RunRecord> Records =
        from id in Texts
        from text in Texts.Null()
        from seed in Gen.Int
        from status in Gen.OneOfConst(RunStatus.Done, RunStatus.Failed)
        from settings in Gen.Dictionary(Texts, Texts)[0, 5]
        from metrics in Gen.Select(Texts, Texts, Texts, Gen.Bool, (task, metric, unit, higher) => new TaskMetric(task, new Metric(metric, unit, higher))).List[0, 4]
        from test in Gen.Dictionary(Texts, Numbers)[0, 5]
        from cost in Gen.Select(Numbers, Numbers, Gen.Long, (step, passes, failures) =>
            new RunCost { StepMilliseconds = step, BackwardPasses = passes, SolverFailures = failures })
        select new RunRecord
        {
            Id = id,
            SpecSha256 = "ab",
            Benchmark = id,
            Model = id,
            Strategy = id,
            SingleTask = text,
            Failure = text,
            Seed = seed,
            Status = status,
            Settings = settings,
            Provenance = settings,
            Metrics = metrics,
            Test = test,
            Validation = test,
            TrainLosses = test,
            Cost = cost,
        };

    private readonly TemporaryFolder _folder = new();
    private readonly RunStore _store;

    public RunStoreTests() => _store = new RunStore(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Records_come_back_as_they_were_written() => Records.Sample(record =>
    {
        var back = RunStore.FromJson(RunStore.ToJson(record));

        back.Metrics.ShouldBe(record.Metrics);
        Same(back.Settings, record.Settings);
        Same(back.Provenance, record.Provenance);
        Same(back.Test, record.Test);
        Same(back.Validation, record.Validation);
        (back with { Metrics = record.Metrics, Settings = record.Settings, Provenance = record.Provenance, Test = record.Test, Validation = record.Validation, TrainLosses = record.TrainLosses, SolverFailures = record.SolverFailures, AtChance = record.AtChance })
            .ShouldBe(record);
    });

    [Fact]
    public void Equal_records_give_equal_bytes_whatever_the_order_of_their_keys() => Records.Sample(record =>
    {
        var reversed = record with { Settings = record.Settings.Reverse().ToDictionary(), Test = record.Test.Reverse().ToDictionary() };
        return RunStore.ToJson(reversed) == RunStore.ToJson(record);
    });

    [Fact]
    public void The_file_is_as_documented()
    {
        _store.Write(InventedRecords.MultiTask("uniform", 1, 0.5, double.NaN, 0.25));
        File.ReadAllText(_store.RecordPath("scenes.segnet.uniform.s1"))
            .ShouldMatchApproved(options => options.WithFileExtension(".verified.json"));
    }

    [Fact]
    public void Reading_finds_all_records_in_order_and_passes_over_unfinished_runs()
    {
        foreach (var record in InventedRecords.Sweep().AsEnumerable().Reverse())
            _store.Write(record);
        Directory.CreateDirectory(_store.Folder("under-way"));

        var stored = _store.ReadAll();

        stored.Records.Select(record => record.Id).ShouldBe(InventedRecords.Sweep().Select(record => record.Id).Order(StringComparer.Ordinal));
        stored.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void A_sweep_without_runs_has_no_records() => _store.ReadAll().Records.ShouldBeEmpty();

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{ \"id\": \"x\", ")]
    [InlineData("{ \"id\": \"x\" }")]
    public void A_damaged_record_is_named_and_the_others_still_load(string text)
    {
        _store.Write(InventedRecords.Depth(1));
        AtomicFile.Write(_store.RecordPath("damaged"), text);

        var stored = _store.ReadAll();

        stored.Records.ShouldHaveSingleItem().SingleTask.ShouldBe("depth");
        stored.Warnings.ShouldHaveSingleItem().ShouldStartWith(_store.RecordPath("damaged"));
    }

    [Fact]
    public void A_record_of_a_later_format_is_not_guessed_at()
    {
        _store.Write(InventedRecords.Depth(1) with { Format = 2 });
        _store.ReadAll().Warnings.ShouldHaveSingleItem().ShouldContain("its format is 2");
    }

    [Fact]
    public void Curves_come_back_as_they_were_written() => Numbers.Array[4].Array[0, 5].Sample(rows =>
    {
        var epochs = rows.Select((row, index) => Epoch(index + 1, row)).ToList();
        _store.WriteCurve("x", epochs);
        var back = _store.ReadCurve("x");

        back.Select(epoch => epoch.Epoch).ShouldBe(epochs.Select(epoch => epoch.Epoch));
        foreach (var (read, written) in back.Zip(epochs))
        {
            Same(read.TrainLosses, written.TrainLosses);
            Same(read.Weights, written.Weights);
            Same(read.ValidationLosses, written.ValidationLosses);
            Same(read.Validation, written.Validation);
        }
    }, iter: 50, threads: 1);

    [Fact]
    public void Curve_columns_are_as_documented()
    {
        _store.WriteCurve("x", [Epoch(1, [0.1, 1, double.NaN, 1e-17]), Epoch(2, [0.05, 1, 3, 0.7])]);

        File.ReadAllText(_store.CurvePath("x")).ShouldBe("""
            epoch,depth.train-loss,depth.weight,depth.validation-loss,segmentation.train-loss,segmentation.weight,segmentation.validation-loss,depth.abs-error,segmentation.miou
            1,1.1,2,NaN,0.1,1,NaN,2E-17,1E-17
            2,1.05,2,4,0.05,1,3,1.4,0.7

            """);
    }

    [Fact]
    public void A_run_without_a_curve_has_no_epochs() => _store.ReadCurve("x").ShouldBeEmpty();

    [Fact]
    public void A_damaged_curve_is_named()
    {
        AtomicFile.Write(_store.CurvePath("x"), "epoch,depth.train-loss\n1,0.5\nhello,0.4\n");
        Should.Throw<InputException>(() => _store.ReadCurve("x")).Message.ShouldContain(_store.CurvePath("x"));
    }

    [Fact]
    public void An_existing_file_survives_a_failing_write()
    {
        var path = _folder.File("file.txt");
        AtomicFile.Write(path, "before");

        Should.Throw<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            throw new IOException("disk full");
        }));

        File.ReadAllText(path).ShouldBe("before");
        Directory.GetFiles(_folder.Path).ShouldBe([path]);
    }

    private static EpochRecord Epoch(int epoch, double[] values) => new(
        epoch,
        new Dictionary<string, double> { ["segmentation"] = values[0], ["depth"] = values[0] + 1 },
        new Dictionary<string, double> { ["segmentation"] = values[1], ["depth"] = values[1] * 2 },
        new Dictionary<string, double> { ["segmentation"] = values[2], ["depth"] = values[2] + 1 },
        new Dictionary<string, double> { ["segmentation.miou"] = values[3], ["depth.abs-error"] = values[3] * 2 });

    private static void Same<T>(IReadOnlyDictionary<string, T> actual, IReadOnlyDictionary<string, T> expected) =>
        actual.OrderBy(pair => pair.Key, StringComparer.Ordinal).ShouldBe(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal));
}
