using System.Diagnostics;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public class SubmitCommandTests
{
    private const string Sweep = """
        benchmark:
          scenes: {height: 16, width: 16, train: 8, validation: 2, test: 2}
        model:
          segnet: {width: 0.05, stages: 2}
        training: {epochs: 30, batch-size: 8}
        seeds: [1, 2]
        strategies: [uniform, kd-adaptor]
        """;

    [Fact]
    public void The_scripts_ask_for_what_was_asked_for_and_pass_the_rest_on_to_run()
    {
        using var folder = Folder();
        var (exitCode, output, error) = Kdmtl.Run(
            "submit", folder.Path, "--workers", "8", "--partition", "gpu", "--time", "4:00:00", "--gpus", "a100:1", "--cpus", "6", "--memory", "32G", "--warning-seconds", "90",
            "--container", "apptainer exec --nv kdmtl.sif", "--sbatch=--account=vision", "--sbatch=--nice=5", "--print", "--", "--data", "/data sets", "--parallel", "2");
        exitCode.ShouldBe(0, output + error);
        output.ShouldContain("Nothing is submitted.");
        var workers = File.ReadAllText(folder.File("output/slurm/workers.sh"));
        string[] directives =
        [
            "--job-name=kdmtl-folder", "--array=1-8", $"--output={folder.Output}/slurm/worker-%a.log", "--requeue", "--open-mode=append", "--signal=B:USR1@90",
            "--partition=gpu", "--time=4:00:00", "--gpus-per-node=a100:1", "--cpus-per-task=6", "--mem=32G", "--account=vision", "--nice=5",
        ];
        foreach (var directive in directives)
            workers.ShouldContain($"\n#SBATCH {directive}\n");
        workers.ShouldContain("apptainer exec --nv kdmtl.sif ");
        workers.ShouldContain($" run {folder.File("sweep.yaml")} --data '/data sets' --parallel 2 --part &\n");
        var leaderboard = File.ReadAllText(folder.File("output/slurm/leaderboard.sh"));
        leaderboard.ShouldContain($" leaderboard {folder.File("output/as-run.yaml")}\n");
        leaderboard.ShouldNotContain("gpus");
        foreach (var script in new[] { "workers.sh", "leaderboard.sh" })
            Shell($"bash -n {folder.File($"output/slurm/{script}")}").ExitCode.ShouldBe(0);
    }

    [Fact]
    public void What_was_submitted_is_told_and_the_leaderboard_waits_for_the_workers()
    {
        using var folder = Folder();
        using var tools = new TemporaryFolder();
        File.WriteAllText(tools.File("sbatch"), $"#!/bin/sh\necho \"$@\" >>{tools.File("calls")}\nwc -l <{tools.File("calls")} | sed 's/$/;test/'\n");
        Shell($"chmod +x {tools.File("sbatch")}").ExitCode.ShouldBe(0);
        var (exitCode, output, error) = Kdmtl.Run(new Dictionary<string, string> { ["PATH"] = $"{tools.Path}:{Environment.GetEnvironmentVariable("PATH")}" }, "submit", folder.Path, "--workers", "3");
        exitCode.ShouldBe(0, output + error);
        output.ShouldContain("Submitted: job 1, an array of 3 workers; job 2 makes leaderboard and report when they have ended.");
        File.ReadAllLines(tools.File("calls")).ShouldBe(
            [$"--parsable {folder.Output}/slurm/workers.sh", $"--parsable --dependency=afterany:1 {folder.Output}/slurm/leaderboard.sh"]);
    }

    [Theory]
    [InlineData("-- --fresh", "--fresh: a task that is put back into the queue would begin again")]
    [InlineData("-- --strategies unifrom --output out", "uniform")]
    [InlineData("--workers 0", "--workers is `0`; give a number of tasks, 1 or more")]
    [InlineData("-- --parallell 2", "--parallell")]
    public void A_mistake_is_told_before_anything_is_written(string options, string sentence)
    {
        using var folder = Folder();
        var (exitCode, output, error) = Kdmtl.Run(["submit", folder.Path, .. options.Split(' ')]);
        exitCode.ShouldNotBe(0, output);
        (output + error).ShouldContain(sentence);
        Directory.Exists(folder.Output).ShouldBeFalse();
    }

    [SlurmFact, Trait("Category", "Slow")]
    public void On_a_real_cluster_tasks_share_the_work_and_one_that_is_put_back_goes_on()
    {
        using var undisturbed = Folder();
        Kdmtl.Run("run", undisturbed.Path).ExitCode.ShouldBe(0);
        using var folder = Folder();
        var (exitCode, output, error) = Kdmtl.Run("submit", folder.Path, "--workers", "2", "--cpus", "1", "--", "--parallel", "1");
        exitCode.ShouldBe(0, output + error);
        var array = output.Split("Submitted: job ")[1].Split(',')[0];
        WaitFor(() => Directory.Exists(folder.File("output/runs")) && new RunStore(folder.Output).Ids().Count > 0);
        Kdmtl.Run("status", folder.Path).Output.ShouldContain(" of 10 runs are over");
        Shell($"scontrol requeue {array}_1").ExitCode.ShouldBe(0);
        WaitFor(() => File.Exists(folder.File("output/leaderboard.md")) && Shell("squeue -h").Output.Trim().Length == 0);
        File.ReadAllText(folder.File("output/leaderboard.md")).ShouldNotContain("unfinished");
        var (mine, expected) = (new RunStore(folder.Output), new RunStore(undisturbed.Output));
        mine.Ids().ShouldBe(expected.Ids());
        foreach (var id in mine.Ids())
            File.ReadAllBytes(mine.CurvePath(id)).ShouldBe(File.ReadAllBytes(expected.CurvePath(id)), id);
        File.ReadAllText(folder.File("output/slurm/leaderboard.log")).ShouldContain("Written: ");
    }

    private static void WaitFor(Func<bool> condition)
    {
        var waiting = Stopwatch.StartNew();
        while (!condition())
        {
            waiting.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(8), "the jobs do not come to an end");
            Thread.Sleep(500);
        }
    }

    private static (int ExitCode, string Output) Shell(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static TemporaryFolder Folder()
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Sweep);
        return folder;
    }

    /// <summary>A test on a Slurm cluster; skipped where there is none.</summary>
    private sealed class SlurmFactAttribute : FactAttribute
    {
        public SlurmFactAttribute()
        {
            if (Shell("sinfo -h 2>/dev/null").Output.Trim().Length == 0)
                Skip = "needs a Slurm cluster that this process can submit to (sinfo lists no partition); `. tests/slurm.sh` starts one";
        }
    }
}
