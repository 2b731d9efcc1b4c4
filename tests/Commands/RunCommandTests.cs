using System.Diagnostics;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>The program as a user starts it, with the real plugin folders.</summary>
public class RunCommandTests
{
    private const string Small = """
        benchmark:
          scenes: {height: 32, width: 32, train: 16, validation: 4, test: 4}
        model:
          segnet: {width: 0.05}
        training: {epochs: 2, batch-size: 8}
        seeds: [1, 2]

        """;

    private const string AllStrategies = """
        strategies:
          - uniform
          - static: {weights: [1, 2, 1]}
          - uncertainty
          - dwa
          - mgda
          - mgda-ub
          - pcgrad
          - gradnorm
          - [uncertainty, pcgrad]
        """;

    [Fact]
    public void A_sweep_runs_every_strategy_and_its_files_are_the_same_bytes_in_another_order()
    {
        using var first = Sweep(Small + AllStrategies);
        var (exitCode, output, error) = Kdmtl.Run("run", first.Path, "--parallel", "2");
        exitCode.ShouldBe(0, output + error);
        output.ShouldContain("24 runs");
        output.ShouldContain("uncertainty + pcgrad");
        File.ReadLines(first.File("output/leaderboard.csv")).Count().ShouldBe(1 + 1 + 9);
        File.ReadAllText(first.File("output/leaderboard.md")).ShouldContain("single-task");

        var reversed = string.Join('\n', AllStrategies.Split('\n').Skip(1).Reverse());
        using var second = Sweep(Small.Replace("[1, 2]", "[2, 1]") + "strategies:\n" + reversed);
        Kdmtl.Run("run", second.Path, "--parallel", "1").ExitCode.ShouldBe(0);
        var ids = new RunStore(first.Output).Ids();
        ids.Count.ShouldBe(24);
        foreach (var id in ids)
            File.ReadAllBytes(second.File($"output/runs/{id}/curve.csv")).ShouldBe(File.ReadAllBytes(first.File($"output/runs/{id}/curve.csv")), id);
        var tests = new RunStore(first.Output).ReadAll().Records.ToDictionary(record => record.Id, record => record.Test);
        foreach (var record in new RunStore(second.Output).ReadAll().Records)
            record.Test.ShouldBe(tests[record.Id]);
    }

    [Fact]
    public void Finished_runs_are_kept_and_those_that_a_sweep_leaves_out_for_once_come_back()
    {
        using var folder = Sweep(Small + "strategies: [uniform, dwa]");
        Kdmtl.Run("run", folder.Path).ExitCode.ShouldBe(0);
        Kdmtl.Run("run", folder.Path).Output.ShouldContain("0 runs; 10 more are finished already");
        File.WriteAllText(folder.File("sweep.yaml"), Small + "strategies: [uniform]");
        var (exitCode, output, _) = Kdmtl.Run("run", folder.Path);
        exitCode.ShouldBe(0);
        output.ShouldContain($"2 runs that the sweep does not name now: kept in {folder.File("output/pool")} until it does");
        File.ReadAllText(folder.File("output/leaderboard.md")).ShouldNotContain("dwa");
        File.WriteAllText(folder.File("sweep.yaml"), Small + "strategies: [dwa, uniform]");
        (exitCode, output, _) = Kdmtl.Run("run", folder.Path);
        exitCode.ShouldBe(0);
        output.ShouldContain($"2 runs taken over from {folder.File("output/pool")}: the same settings, code, data and device");
        output.ShouldContain("0 runs; 10 more are finished already");
        File.ReadAllText(folder.File("output/leaderboard.md")).ShouldContain("dwa");
        Directory.GetFileSystemEntries(folder.File("output/pool")).ShouldBeEmpty();
        Directory.GetFileSystemEntries(folder.Path).ShouldBe([folder.File("sweep.yaml"), folder.Output], ignoreOrder: true);
        var before = File.ReadAllText(folder.File("output/leaderboard.csv"));
        File.Delete(folder.File("output/leaderboard.csv"));
        Kdmtl.Run("leaderboard", folder.Path).ExitCode.ShouldBe(0);
        File.ReadAllText(folder.File("output/leaderboard.csv")).ShouldBe(before);
    }

    [Fact]
    public void A_strategy_that_fails_leaves_the_others_a_full_leaderboard_and_exit_code_1()
    {
        using var plugins = new TemporaryFolder();
        PluginCompiler.Compile(plugins.Path, "NotANumber", """
            [Strategy("not-a-number", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
            public sealed class NotANumber : LossWeighting
            {
                protected override Tensor Weights(ITrainingStep step, Tensor losses) => losses * double.NaN;
            }
            """);
        using var folder = Sweep(Small + "strategies: [uniform, not-a-number]");
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path, "--plugins", plugins.Path);
        exitCode.ShouldBe(1, output + error);
        var leaderboard = File.ReadAllText(folder.File("output/leaderboard.md"));
        leaderboard.ShouldContain("uniform");
        leaderboard.ShouldContain("the strategy `not-a-number` gives task `segmentation` the weight NaN from step 0 on");
    }

    [Theory]
    [InlineData("strategies: [unifrom]", "sweep.yaml:7", "uniform")]
    [InlineData("strategies:\n  - static: {weights: [1, 2]}", "has 2 entries, but", "3 tasks")]
    public void A_bad_sweep_starts_nothing_and_says_where(string strategies, string place, string hint)
    {
        using var folder = Sweep(Small + strategies);
        var (exitCode, _, error) = Kdmtl.Run("run", folder.Path);
        exitCode.ShouldBe(2);
        error.ShouldContain(place);
        error.ShouldContain(hint);
        Directory.Exists(folder.File("output/runs")).ShouldBeFalse();
    }

    [Fact]
    public void Missing_data_starts_nothing_and_says_what_to_get()
    {
        using var folder = Sweep("benchmark: multi-mnist\nmodel: lenet\ntraining: {epochs: 1, batch-size: 8}\nseeds: 1\nstrategies: [uniform]");
        var (exitCode, _, error) = Kdmtl.Run("run", folder.Path, "--data", folder.Path);
        exitCode.ShouldBe(2);
        error.ShouldContain("train-images-idx3-ubyte");
        error.ShouldContain(folder.Path);
    }

    [Fact]
    public void A_constructor_that_throws_starts_nothing_and_names_the_strategy()
    {
        using var plugins = new TemporaryFolder();
        PluginCompiler.Compile(plugins.Path, "Thrower", """
            [Strategy("thrower", Title = "", Paper = "", Family = StrategyFamily.Gradient)]
            public sealed class Thrower : LossWeighting
            {
                public Thrower() => throw new System.IO.IOException("no licence");
                protected override Tensor Weights(ITrainingStep step, Tensor losses) => losses;
            }
            """);
        using var folder = Sweep(Small + "strategies: [thrower]");
        var (exitCode, _, error) = Kdmtl.Run("run", folder.Path, "--plugins", plugins.Path);
        exitCode.ShouldBe(2);
        error.ShouldContain("the strategy `thrower` cannot be made: its constructor threw IOException: no licence");
    }

    [Fact]
    public void Interrupting_ends_at_the_next_step_with_what_is_finished()
    {
        using var folder = Sweep(Small.Replace("epochs: 2", "epochs: 2000") + "strategies: [uniform]");
        using var process = Kdmtl.Start("run", folder.Path);
        while (process.StandardOutput.ReadLine() is { } line && !line.Contains("runs"))
        {
        }

        Process.Start("kill", ["-INT", process.Id.ToString()]).WaitForExit();
        process.WaitForExit(TimeSpan.FromSeconds(60)).ShouldBeTrue();
        process.ExitCode.ShouldBe(130);
        new RunStore(folder.Output).ReadAll().Records.ShouldBeEmpty();
        process.StandardOutput.ReadToEnd().ShouldContain("This sweep is unfinished: 0 of 8 runs are over. `./run-bench.sh run ");
    }

    [Fact]
    public void An_unfinished_sweeps_leaderboard_says_so_until_the_sweep_has_come_to_its_end()
    {
        using var folder = Sweep(Small + "strategies: [uniform, dwa]");
        Kdmtl.Run("run", folder.Path).ExitCode.ShouldBe(0);
        File.ReadAllText(folder.File("output/leaderboard.md")).ShouldNotContain("unfinished");

        // As a process leaves it that was stopped after one run.
        foreach (var id in new RunStore(folder.Output).Ids().Skip(1))
            Directory.Delete(Path.GetDirectoryName(new RunStore(folder.Output).RecordPath(id))!, recursive: true);
        UnfinishedMark.Set(folder.Output, 10, "./run-bench.sh run mine");
        var (exitCode, output, error) = Kdmtl.Run("leaderboard", folder.Path);
        exitCode.ShouldBe(0, error);
        const string sentence = "This sweep is unfinished: 1 of 10 runs are over. `./run-bench.sh run mine` goes on from there.";
        output.ShouldContain(sentence);
        foreach (var file in new[] { "output/leaderboard.md", "output/report.html" })
            File.ReadAllText(folder.File(file)).ShouldContain(sentence);

        Kdmtl.Run("run", folder.Path).Output.ShouldNotContain("unfinished");
        File.ReadAllText(folder.File("output/leaderboard.md")).ShouldNotContain("unfinished");
    }

    [Fact]
    public void A_report_that_cannot_be_written_is_said_and_is_no_success()
    {
        using var folder = Sweep(Small + "strategies: [uniform]");
        Directory.CreateDirectory(folder.File("output/report.html/in-the-way"));
        var (exitCode, output, _) = Kdmtl.Run("run", folder.Path);
        exitCode.ShouldBe(1);
        output.ShouldContain("The report could not be made: ");
        output.ReplaceLineEndings("").ShouldContain($"Once this is mended, `kdmtl report {folder.Output}` makes it.");
        File.Exists(folder.File("output/leaderboard.csv")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("strategies", "gradnorm", "Chen et al., ICML 2018")]
    [InlineData("strategies", "kd-adaptor", "distillation, backward passes a step: 1, requires single-task teachers and feature taps")]
    [InlineData("strategies", "auto-lambda", "backward passes a step: K + 1, requires nothing more")]
    [InlineData("strategies", "mgda-ub", "requires a network with one shared representation and tasks that share their samples")]
    [InlineData("benchmarks", "multi-mnist", "Sener")]
    [InlineData("models", "segnet", "width")]
    [InlineData("models", "segnet", "fits cityscapes, multi-mnist, nyu-v2, scenes, svhn-omniglot")]
    [InlineData("point", "A point", "fits toy")]
    [InlineData("training", "learning-rate", "initial learning rate")]
    [InlineData("pcgrad", "pcgrad", "Yu et al., NeurIPS 2020")]
    public void Lists_show_ids_papers_and_options(string what, string id, string detail)
    {
        var (exitCode, output, _) = Kdmtl.Run("list", what);
        exitCode.ShouldBe(0);
        output.ShouldContain(id);
        output.ShouldContain(detail);
        if (what == id)
            output.ShouldNotContain("mgda");
    }

    [Fact]
    public void Nothing_to_list_is_told_with_the_nearest_name()
    {
        var (exitCode, _, error) = Kdmtl.Run("list", "pcgard");
        exitCode.ShouldBe(2);
        error.Trim().ShouldBe("nothing to list is called `pcgard`, which is neither strategies, benchmarks, models, training nor the id of something; did you mean `pcgrad`?");
    }

    [Fact]
    public void Overrides_go_to_a_folder_of_their_own_that_stands_as_a_sweep()
    {
        using var folder = Sweep(Small + "strategies: [uniform, dwa: {temperature: 1}, mgda]");
        string[] command = ["run", folder.Path, "--seeds", "1", "--strategies", "dwa,pcgrad", "--set", "training.epochs=1", "--output", folder.File("mine")];
        var (exitCode, output, error) = Kdmtl.Run(command);
        exitCode.ShouldBe(0, output + error);
        Directory.Exists(folder.File("output/runs")).ShouldBeFalse();
        var records = new RunStore(folder.File("mine")).ReadAll().Records;
        records.Select(record => record.Strategy).Distinct().Order().ShouldBe(["dwa(temperature=1)", "pcgrad", "single-task"]);
        records.ShouldAllBe(record => record.Seed == 1 && record.Settings["training.epochs"] == "1");

        Kdmtl.Run("run", folder.File("mine")).Output.ShouldContain("0 runs; 5 more are finished already");
        (exitCode, _, error) = Kdmtl.Run([.. command, "--set", "training.epochs=2"]);
        exitCode.ShouldBe(2);
        error.ShouldContain("the leaderboard of another sweep is there, as as-run.yaml says");
        Kdmtl.Run("run", folder.Path, "--seeds", "1").ExitCode.ShouldBe(2);
    }

    [Theory]
    [InlineData("run", "sweep.yaml")]
    [InlineData("leaderboard", "runs/x")]
    public void A_name_that_is_nearly_right_gets_a_suggestion(string command, string holding)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File($"multi-mnist/{holding}"))!);
        File.WriteAllText(folder.File($"multi-mnist/{holding}"), "");
        var (exitCode, _, error) = Kdmtl.Run(command, folder.File("mult-mnist"));
        exitCode.ShouldBe(2);
        error.ShouldContain("did you mean `multi-mnist`?");
    }

    private static TemporaryFolder Sweep(string yaml)
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), yaml);
        return folder;
    }
}
