using CsCheck;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;
using Spectre.Console;
using static KdMtlBench.Tests.Results.InventedRecords;

namespace KdMtlBench.Tests.Results.Leaderboards;

public sealed class LeaderboardFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Csv_is_as_approved() =>
        Csv(Leaderboard.Build("Invented", WithFailure())).ShouldMatchApproved(options => options.WithFileExtension(".verified.csv"));

    [Fact]
    public void Markdown_is_as_approved() =>
        LeaderboardMarkdown.Text(Leaderboard.Build("Does it read well?", WithFailure())).ShouldMatchApproved(options => options.WithFileExtension(".verified.md"));

    [Fact]
    public void Console_is_as_approved() =>
        Console(Leaderboard.Build("Does it fit?", WithFailure()), width: 100).ShouldMatchApproved(options => options.WithFileExtension(".verified.txt"));

    [Fact]
    public void Markdown_of_several_benchmarks_is_as_approved()
    {
        var digits = Sweep().ConvertAll(record => record with
        {
            Id = "digits." + record.Id,
            Benchmark = "digits",
            Provenance = new Dictionary<string, string>(record.Provenance) { ["data-sha256"] = new string('d', 64), ["command"] = "kdmtl run digits" },
        });
        digits.RemoveAll(record => record.Seed == 3);
        LeaderboardMarkdown.Text(Leaderboard.Build("", [.. WithFailure(), .. digits]))
            .ShouldMatchApproved(options => options.WithFileExtension(".verified.md"));
    }

    [Fact]
    public void Csv_holds_values_that_read_back_to_the_same_bits()
    {
        var leaderboard = Leaderboard.Build("", Sweep());
        var (columns, rows) = Parse(Csv(leaderboard));
        var uniform = leaderboard.Groups[0].Rows.Single(row => row.Strategy == "uniform");
        var fields = rows.Single(row => row[2] == "uniform");

        double Field(string name) => CsvFile.Number(fields[columns.IndexOf(name)]);
        Field("segmentation.miou").ShouldBe(uniform.Metrics[Miou.Key].Mean);
        Field("delta_task").ShouldBe(uniform.DeltaTask!.Mean);
        Field("delta_metric.ci95").ShouldBe(uniform.DeltaMetric!.Ci95!.Value);
    }

    [Fact]
    public void Several_benchmarks_share_one_header_and_leave_foreign_metrics_empty()
    {
        var other = MultiTask("uniform", 1, 0.5, 0.8, 0.2) with { Id = "z", Benchmark = "digits", Metrics = [Miou], Test = new Dictionary<string, double> { [Miou.Key] = 0.5 } };
        var (columns, rows) = Parse(Csv(Leaderboard.Build("", [.. Sweep(), other])));

        rows.Count.ShouldBe(5);
        rows[0][0].ShouldBe("digits");
        rows[0][columns.IndexOf("depth.abs-error")].ShouldBe("");
        rows[0][columns.IndexOf("segmentation.miou")].ShouldBe("0.5");
    }

    [Fact]
    public void Without_times_files_do_not_depend_on_them()
    {
        var slower = Sweep().ConvertAll(record => record with
        {
            Cost = record.Cost with { StepMilliseconds = record.Cost.StepMilliseconds * 1.7, TrainSeconds = 1, TeacherSeconds = 2, PeakMebibytes = 3 },
            Provenance = new Dictionary<string, string>(record.Provenance) { ["command"] = "kdmtl run again", ["parallel"] = "2" },
        });
        var (first, second) = (Leaderboard.Build("", Sweep()), Leaderboard.Build("", slower));

        Csv(second).ShouldNotBe(Csv(first));
        Csv(second, includeTimes: false).ShouldBe(Csv(first, includeTimes: false));
        LeaderboardMarkdown.Text(second).ShouldNotBe(LeaderboardMarkdown.Text(first));
        LeaderboardMarkdown.Text(second, includeTimes: false).ShouldBe(LeaderboardMarkdown.Text(first, includeTimes: false));
    }

    [Fact]
    public void Files_do_not_depend_on_the_order_of_the_records()
    {
        RunRecord[] records =
        [
            .. WithFailure(),
            Failed(MultiTask("mgda", 2, 0, 0, 0), "out of memory"),
            Failed(MultiTask("mgda", 1, 0, 0, 0), "out of memory"),
            .. Baselines().Select(record => record with { Id = "digits." + record.Id, Benchmark = "digits", Metrics = [record.Metrics[0]] }),
        ];
        string Files(RunRecord[] shuffled)
        {
            var leaderboard = Leaderboard.Build("", shuffled);
            return Csv(leaderboard) + LeaderboardMarkdown.Text(leaderboard);
        }

        var expected = Files(records);
        Gen.Shuffle(records).Sample(shuffled => Files(shuffled) == expected, iter: 50, threads: 1);
    }

    [Fact]
    public void Markdown_lines_of_a_table_are_equally_long() =>
        LeaderboardMarkdown.Text(Leaderboard.Build("", WithFailure())).Split("\n\n")
            .Where(block => block.StartsWith('|'))
            .ShouldAllBe(table => table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Length).Distinct().Count() == 1);

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(160)]
    public void Console_tables_keep_to_the_width_without_breaking_a_cell(int width)
    {
        var text = Console(Leaderboard.Build("", WithFailure()), width);

        text.Split('\n').ShouldAllBe(line => line.Length <= width);
        foreach (var cell in new[] { "kd-adaptor + pc-grad ", "2, 1 failed", "+29.29 ± 110.16", "+23.33 ± 2.05*", "56.00 ± 17.21*", "pixel-accuracy % ↑", "0.1000 ± 0.0000*" })
            text.ShouldContain(cell);
    }

    [Fact]
    public void Runs_at_chance_are_named_with_task_and_seeds_and_change_nothing_else()
    {
        string[] lost = ["pc-grad.s1", "pc-grad.s3", "single-depth.s2"];
        var records = Sweep().ConvertAll(record => record with { AtChance = lost.Any(run => record.Id.EndsWith(run, StringComparison.Ordinal)) ? ["depth"] : [] });
        var (before, after) = (Leaderboard.Build("", Sweep()), Leaderboard.Build("", records));
        string[] notes =
        [
            "At chance: `pc-grad`, task depth, seeds 1, 3. On the test it is right no more often than always answering the most frequent class, "
                + "within sampling error (scenes.segnet.pc-grad.s1, scenes.segnet.pc-grad.s3).",
            "At chance: `single-task`, task depth, seed 2. On the test it is right no more often than always answering the most frequent class, "
                + "within sampling error (scenes.segnet.single-depth.s2).",
        ];

        after.Groups[0].Notes.ShouldBe(notes);
        Csv(after).ShouldBe(Csv(before));
        var markdown = LeaderboardMarkdown.Text(after);
        notes.Aggregate(markdown, (text, note) => text.Replace($"* {note}\n", "")).ShouldBe(LeaderboardMarkdown.Text(before));
        var console = Console(after, 160);
        notes.ShouldAllBe(note => console.Contains(note.Substring(0, note.IndexOf('.'))));
    }

    [Fact]
    public void An_empty_sweep_still_gives_a_document() => LeaderboardMarkdown.Text(Leaderboard.Build("", [])).ShouldStartWith("# Leaderboard\n");

    private static List<RunRecord> WithFailure()
    {
        var records = Sweep();
        records.Add(MultiTask("kd-adaptor + pc-grad", 1, 0.5, 0.81, 0.19));
        records.Add(MultiTask("kd-adaptor + pc-grad", 2, 0.52, 0.79, double.NaN));
        records.Add(Failed(MultiTask("kd-adaptor + pc-grad", 3, 0, 0, 0), "the gradient of depth was not finite at step 120"));
        return records;
    }

    private static string Console(Leaderboard leaderboard, int width)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new FixedWidth(writer, width),
        });
        LeaderboardConsole.Write(leaderboard, console);
        return writer.ToString();
    }

    private string Csv(Leaderboard leaderboard, bool includeTimes = true)
    {
        LeaderboardCsv.Write(leaderboard, _folder.File("leaderboard.csv"), includeTimes);
        return File.ReadAllText(_folder.File("leaderboard.csv"));
    }

    private static (List<string> Columns, List<string[]> Rows) Parse(string csv)
    {
        var lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')).ToList();
        return ([.. lines[0]], lines[1..]);
    }

    private sealed class FixedWidth(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => width;

        public int Height => 50;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
