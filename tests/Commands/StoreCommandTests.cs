using System.Diagnostics;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>What is run and what is stored, in a repository with this one's .gitignore.</summary>
public class StoreCommandTests
{
    private const string Yaml = """
        title: A small one
        benchmark:
          scenes: {height: 16, width: 16, train: 16, validation: 4, test: 4}
        model:
          segnet: {width: 0.05, stages: 2}
        training: {epochs: 1, batch-size: 8}
        seeds: [1, 2, 3]

        """;

    [Fact]
    public void A_clone_stays_clean_whatever_is_run_and_its_reference_is_never_taken_for_the_users_own()
    {
        using var root = new TemporaryFolder();
        var origin = root.File("origin");
        Directory.CreateDirectory(Path.Combine(origin, "results/small"));
        File.Copy(Path.Combine(Repository.Root, ".gitignore"), Path.Combine(origin, ".gitignore"));
        File.WriteAllText(Path.Combine(origin, "results/small/sweep.yaml"), Yaml + "strategies: [uniform, dwa]");
        Success("run", Path.Combine(origin, "results/small"));
        Success("store", Path.Combine(origin, "results/small"), "--by", "Ada Lovelace").ShouldContain("to be committed: stored by Ada Lovelace");
        Git(origin, "init -q .");
        Git(origin, "add -A");
        Git(origin, "-c user.name=A -c user.email=a@b commit -qm A");
        Git(origin, "ls-files").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2 + 4);
        Git(root.Path, "clone -q origin clone");

        var small = root.File("clone/results/small");
        var shown = Success("leaderboard", small).ReplaceLineEndings(" ");
        shown.ShouldStartWith("You have not run this sweep yet. This is its reference, stored by Ada Lovelace, ");
        shown.ShouldContain("A small one");
        Success("report", small).ShouldContain("output/reference/report.html");
        Success("run", small).ShouldContain("15 runs");
        Success("leaderboard", small).ShouldNotContain("This is its reference");
        Success("run", small, "--strategies", "pcgrad", "--output", Path.Combine(small, "pcgrad.output")).ShouldContain("9 more are finished already");
        Git(root.File("clone"), "status --short").ShouldBeEmpty();
        Success("check", small).ShouldContain("As stored: 27 means of 15 runs, 27 compared bit by bit");
        Git(root.File("clone"), "status --short").ShouldBeEmpty();
    }

    [Fact]
    public void Two_sweep_files_in_a_folder_have_leaderboards_of_their_own_and_train_what_they_share_once()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Yaml + "strategies: [uniform, kd-adaptor]");
        File.WriteAllText(folder.File("more.yaml"), Yaml + "strategies: [uniform, bam]");
        Success("run", folder.Path).ShouldContain("15 runs");
        var leaderboard = File.ReadAllText(folder.File("output/leaderboard.csv"));
        var output = Success("run", folder.File("more.yaml"));
        output.ShouldContain($"12 runs taken over from {folder.Output}");
        output.ShouldContain("3 runs; 12 more are finished already");
        File.ReadAllText(folder.File("output/leaderboard.csv")).ShouldBe(leaderboard);
        File.ReadAllText(folder.File("more.output/leaderboard.csv")).ShouldContain(",bam,");
        Success("run", folder.Path).ShouldContain("0 runs; 15 more are finished already");
        Success("store", folder.File("more.yaml"));
        Directory.Exists(folder.File("reference")).ShouldBeFalse();
        Success("check", folder.File("more.yaml")).ShouldContain("As stored");
    }

    [Fact]
    public void A_plugin_that_is_changed_and_changed_back_is_trained_twice_in_all()
    {
        using var folder = new TemporaryFolder();
        using var plugins = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Yaml + "strategies: [mine]");
        foreach (var weight in new[] { 1, 2 })
            PluginCompiler.Compile(plugins.File($"{weight}"), "Mine", $$"""
                [Strategy("mine", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
                public sealed class Mine : LossWeighting
                {
                    protected override Tensor Weights(ITrainingStep step, Tensor losses) => losses * 0 + {{weight}};
                }
                """);
        Run(1).ShouldContain("12 runs");
        Run(2).ShouldContain("3 runs; 9 more are finished already");
        Run(1).ShouldContain("0 runs; 12 more are finished already");
        Run(2).ShouldContain("0 runs; 12 more are finished already");
        new RunStore(folder.Output).Ids().Count.ShouldBe(12);
        Directory.GetDirectories(folder.File("output/pool")).Length.ShouldBe(3);

        string Run(int version) => Success("run", folder.Path, "--plugins", plugins.File($"{version}"));
    }

    [Fact]
    public void Nothing_run_is_nothing_to_store()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Yaml + "strategies: [uniform]");
        foreach (var (command, sentence) in new[] { ("store", "holds no finished run; run the sweep first"), ("leaderboard", "holds no finished run, and there is no stored reference; run the sweep first") })
        {
            var (exitCode, _, error) = Kdmtl.Run(command, folder.Path);
            exitCode.ShouldBe(2);
            error.Trim().ShouldBe($"{folder.Output} {sentence}");
        }
    }

    private static string Success(params string[] arguments)
    {
        var (exitCode, output, error) = Kdmtl.Run(arguments);
        exitCode.ShouldBe(0, output + error);
        return output;
    }

    private static string Git(string folder, string arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        git.ExitCode.ShouldBe(0);
        return output;
    }
}
