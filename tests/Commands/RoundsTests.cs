using System.Diagnostics;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>Seeds that come in rounds, with the real program.</summary>
public class RoundsTests
{
    private const string Sweep = """
        benchmark:
          scenes: {height: 16, width: 16, train: 16, validation: 4, test: 4}
        model:
          segnet: {width: 0.05, stages: 2}
        training: {epochs: 1, batch-size: 8}
        seeds: {from: 3, to: 5, margin: 0.1}
        strategies: [uniform, dwa, pcgrad]
        """;

    [Fact]
    public void The_runs_do_not_depend_on_how_many_go_at_once_and_check_makes_the_stored_ones()
    {
        using var one = Folder(Sweep);
        using var three = Folder(Sweep);
        Success(one, "run", "1");
        var output = Success(three, "run", "3");
        output.ShouldContain("Seed 4 of at most 5, for 1 row that is not decided: pcgrad");
        new RunStore(three.Output).Ids().ShouldBe(new RunStore(one.Output).Ids());

        // In one epoch dwa's weights do not move yet, so that it is uniform: decided by the first round.
        SeedsOf(one).ShouldBe(new Dictionary<string, int> { ["single-task"] = 3, ["uniform"] = 5, ["dwa"] = 3, ["pcgrad"] = 5 }, ignoreOrder: true);

        Success(one, "run", "2").ShouldContain("0 runs; 22 more are finished already");
        Kdmtl.Run("store", one.Path, "--by", "Ada").ExitCode.ShouldBe(0);
        Success(one, "check", "2").ShouldContain("All 2 verdicts at a margin of ± 0.1 are as stored.");
    }

    [Fact]
    public void A_run_that_fails_is_made_once_and_its_row_gets_no_more_seeds()
    {
        using var plugins = new TemporaryFolder();
        PluginCompiler.Compile(plugins.Path, "Slip", """
            [Strategy("slip", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
            public sealed class Slip : LossWeighting
            {
                protected override Tensor Weights(ITrainingStep step, Tensor losses) => throw new InvalidOperationException("a slip");
            }
            """);
        using var folder = Folder(Sweep.Replace("dwa", "slip", StringComparison.Ordinal));
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path, "--parallel", "2", "--plugins", plugins.Path + Path.PathSeparator + Repository.Plugins);
        exitCode.ShouldBe(1, output + error);
        SeedsOf(folder).ShouldBe(new Dictionary<string, int> { ["single-task"] = 3, ["uniform"] = 5, ["slip"] = 3, ["pcgrad"] = 5 }, ignoreOrder: true);
        output.Split("slip, seed").Length.ShouldBe(3 + 1, output);
    }

    [Fact]
    public void Two_processes_share_the_rounds_and_one_that_is_killed_in_them_goes_on()
    {
        using var alone = Folder(Sweep);
        using var shared = Folder(Sweep);
        Success(alone, "run", "1");

        using var killed = Kdmtl.Start("run", shared.Path, "--parallel", "1");
        ReadTo(killed, "Seed 4 of at most 5");
        killed.Kill(entireProcessTree: true);
        killed.WaitForExit();

        using var first = Kdmtl.Start("run", shared.Path, "--parallel", "1");
        Success(shared, "run", "1");
        var rest = first.StandardOutput.ReadToEnd();
        first.WaitForExit();
        first.ExitCode.ShouldBe(0, rest);
        new RunStore(shared.Output).Ids().ShouldBe(new RunStore(alone.Output).Ids());
    }

    [Fact]
    public void Seeds_of_a_narrower_margin_leave_the_leaderboard_with_it_and_come_back()
    {
        using var folder = Folder(Sweep);
        Success(folder, "run", "2");
        File.WriteAllText(folder.File("sweep.yaml"), Sweep.Replace("margin: 0.1", "margin: 90", StringComparison.Ordinal));
        Success(folder, "run", "2");
        SeedsOf(folder).Values.ShouldAllBe(seeds => seeds == 3);
        File.WriteAllText(folder.File("sweep.yaml"), Sweep);
        var output = Success(folder, "run", "2");
        SeedsOf(folder)["pcgrad"].ShouldBe(5);
        output.ShouldContain("4 runs taken over from");
    }

    private static Dictionary<string, int> SeedsOf(TemporaryFolder folder) =>
        new RunStore(folder.Output).ReadAll().Records.GroupBy(record => record.Strategy).ToDictionary(row => row.Key, row => row.Select(record => record.Seed).Distinct().Count());

    private static void ReadTo(Process process, string text)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"it ended before it said {text}");
    }

    private static TemporaryFolder Folder(string sweep)
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), sweep);
        return folder;
    }

    private static string Success(TemporaryFolder folder, string command, string parallel)
    {
        var (exitCode, output, error) = Kdmtl.Run(command, folder.Path, "--parallel", parallel);
        exitCode.ShouldBe(0, output + error);
        return output.ReplaceLineEndings(" ");
    }
}
