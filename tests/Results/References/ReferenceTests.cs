using KdMtlBench.Host.Results.References;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Results.References;

public sealed class ReferenceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunStore _store;

    public ReferenceTests()
    {
        _store = new RunStore(_folder.Output);
        foreach (var record in InventedRecords.Sweep())
        {
            _store.Write(record with
            {
                Provenance = new Dictionary<string, string>
                {
                    ["git-commit"] = new('c', 40), ["git-dirty"] = (record.Seed == 3).ToString(), ["cpu"] = "Invented 9000", ["cpu-model"] = "1-2-3", ["cores"] = "2", ["device"] = "cpu",
                },
            });
            AtomicFile.Write(_store.CurvePath(record.Id), $"epoch\n{record.Seed}\n");
            File.SetLastWriteTimeUtc(_store.RecordPath(record.Id), new DateTime(2026, 1, record.Seed, 12, 0, 0, DateTimeKind.Utc));
        }
    }

    private string Stored => _folder.File("reference");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Records_and_files_come_back_as_they_were()
    {
        _store.WriteConfusions(_store.Ids()[0], [new ConfusionRecord("digit", 1, 2, 3)]);
        Store();
        Reference.Open(Stored).Records().Select(RunStore.ToJson).ShouldBe(_store.ReadAll().Records.Select(RunStore.ToJson));

        Reference.Open(Stored).Unpack(_folder.File("unpacked"));
        Contents(_folder.File("unpacked/runs")).ShouldBe(Contents(_folder.File("output/runs")));
        Directory.GetFiles(Stored).Select(file => Path.GetFileName(file)).Order().ShouldBe(["leaderboard.csv", "leaderboard.md", "reference.json", "runs.tar.gz"]);
    }

    [Fact]
    public void It_says_whose_it_is()
    {
        Store();
        Reference.Open(Stored).Manifest.ToString().ShouldBe(
            "stored by Ada, runs made by 2026-01-03: 10 runs of commit cccccccccccc on Invented 9000, model 1-2-3, 2 cores, cpu; "
            + "5 runs of commit cccccccccccc with changes that were not committed on Invented 9000, model 1-2-3, 2 cores, cpu");
        File.ReadAllText(Path.Combine(Stored, "leaderboard.md")).ShouldStartWith("# Invented");
    }

    [Fact]
    public void It_says_how_its_rows_are_judged_and_one_of_before_there_was_a_choice_has_the_default()
    {
        Store();
        Reference.Open(Stored).Manifest.RuleOrDefault.ShouldBe(new DecisionRule("uniform", 0.3));
        File.ReadAllText(Path.Combine(Stored, "leaderboard.md")).ShouldContain("at a margin of ± 0.3 points");
        var path = Path.Combine(Stored, "reference.json");
        var text = File.ReadAllText(path);
        File.WriteAllText(path, text[..text.IndexOf(",\n  \"rule\"", StringComparison.Ordinal)] + "\n}\n");
        Reference.Open(Stored).Manifest.Rule.ShouldBeNull();
        Reference.Open(Stored).Manifest.RuleOrDefault.ShouldBe(DecisionRule.Default);
    }

    [Fact]
    public void Equal_results_give_equal_bytes_and_replace_what_was_there()
    {
        Store();
        var before = Contents(Stored);
        File.WriteAllText(Path.Combine(Stored, "tuning.csv"), "of an earlier sweep, which was tuned");
        Store();
        Contents(Stored).ShouldBe(before);
    }

    [Fact]
    public void Trials_of_a_tuned_sweep_are_kept_beside_its_runs()
    {
        File.WriteAllText(_folder.File("output/tuning.csv"), "trial\n");
        var trials = new RunStore(_folder.File("output/tuning"));
        trials.Write(InventedRecords.Depth(9));
        Store();
        Reference.Open(Stored).Records().Count.ShouldBe(15);
        Reference.Open(Stored).Unpack(_folder.File("unpacked"));
        new RunStore(_folder.File("unpacked/tuning")).ReadAll().Records.ShouldHaveSingleItem().Seed.ShouldBe(9);
        File.ReadAllText(Path.Combine(Stored, "tuning.csv")).ShouldBe("trial\n");
    }

    [Fact]
    public void What_would_be_too_large_is_stored_without_curves()
    {
        var all = Store();
        all.Curves.ShouldBeTrue();
        var small = new ReferenceWriter(_folder.Output, Contents(Stored).Values.Sum(text => text.Length / 2) - new FileInfo(Path.Combine(Stored, "reference.json")).Length - 1).Write(Stored, "Invented", new DecisionRule("uniform", 0.3), "Ada");
        small.Curves.ShouldBeFalse();
        Reference.Open(Stored).Records().Count.ShouldBe(15);
        Reference.Open(Stored).Unpack(_folder.File("unpacked"));
        Directory.GetFiles(_folder.File("unpacked"), "curve.csv", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_half_done_is_stored()
    {
        UnfinishedMark.Set(_folder.Output, 20, "./run-bench.sh run mine");
        Should.Throw<InputException>(Store).Message.ShouldBe("This sweep is unfinished: 15 of 20 runs are over. `./run-bench.sh run mine` goes on from there. Its results can be stored then.");
        UnfinishedMark.Remove(_folder.Output);
        AtomicFile.Write(_store.RecordPath("damaged"), "{");
        Should.Throw<InputException>(Store).Message.ShouldStartWith($"{_store.RecordPath("damaged")} cannot be read");
        Should.Throw<InputException>(() => new ReferenceWriter(_folder.File("nothing")).Write(Stored, "", DecisionRule.Default, "Ada")).Message.ShouldEndWith("holds no finished run; run the sweep first");
        Directory.Exists(Stored).ShouldBeFalse();
    }

    [Theory]
    [InlineData("reference.json", 0, "reference.json cannot be read (")]
    [InlineData("reference.json", 40, "reference.json cannot be read (")]
    [InlineData("runs.tar.gz", 0, "runs.tar.gz cannot be read (")]
    [InlineData("runs.tar.gz", 700, "runs.tar.gz cannot be read (")]
    public void A_damaged_reference_is_said_in_one_sentence(string file, int bytes, string sentence)
    {
        Store();
        var path = Path.Combine(Stored, file);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..bytes]);
        var message = Should.Throw<InputException>(() => Reference.Open(Stored).Records()).Message;
        message.ShouldContain(sentence);
        message.ShouldEndWith("; `git checkout` brings back the one that was committed");
    }

    [Fact]
    public void A_reference_of_a_later_format_is_not_guessed_at()
    {
        Store();
        var path = Path.Combine(Stored, "reference.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"format\": 1", "\"format\": 2"));
        Should.Throw<InputException>(() => Reference.Open(Stored)).Message.ShouldContain("its format is 2, this version reads 1");
        Should.Throw<InputException>(() => Reference.Open(_folder.Path)).Message.ShouldBe($"there is no stored reference {_folder.Path}");
    }

    [Fact]
    public void An_archive_cannot_write_outside_its_folder()
    {
        Store();
        File.WriteAllBytes(Path.Combine(Stored, "runs.tar.gz"), RunArchive.Pack([("../outside", [1])]));
        Should.Throw<InputException>(() => Reference.Open(Stored).Unpack(_folder.File("unpacked"))).Message.ShouldContain("it holds the file ../outside");
        File.Exists(_folder.File("outside")).ShouldBeFalse();
    }

    private ReferenceManifest Store() => new ReferenceWriter(_folder.Output).Write(Stored, "Invented", new DecisionRule("uniform", 0.3), "Ada");

    private static Dictionary<string, string> Contents(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexString(File.ReadAllBytes(file)));
}
