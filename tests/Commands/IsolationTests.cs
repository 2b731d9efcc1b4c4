using System.Diagnostics;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>What goes wrong in one run, or around the sweep, as a user meets it.</summary>
public class IsolationTests
{
    private const string Tiny = """
        benchmark:
          scenes: {height: 16, width: 16, train: 8, validation: 2, test: 2}
        model:
          segnet: {width: 0.05, stages: 2}
        training: {epochs: 2, batch-size: 8}
        seeds: [1]

        """;

    private const string Troublemakers = """
        [Strategy("sleeper", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
        public sealed class Sleeper : LossWeighting
        {
            protected override Tensor Weights(ITrainingStep step, Tensor losses)
            {
                while (step.Index == 1) System.Threading.Thread.Sleep(10);
                return ones_like(losses);
            }
        }

        [Strategy("endless", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
        public sealed class Endless : LossWeighting
        {
            protected override Tensor Weights(ITrainingStep step, Tensor losses)
            {
                var large = ones(4000, 4000);
                return large.matrix_power(1 << 30).sum() + losses;
            }
        }

        [Strategy("thrower", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
        public sealed class Thrower : LossWeighting
        {
            protected override Tensor Weights(ITrainingStep step, Tensor losses) => throw new System.OperationCanceledException("not today");
        }

        [Strategy("native-glutton", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
        public sealed class NativeGlutton : LossWeighting
        {
            protected override Tensor Weights(ITrainingStep step, Tensor losses) => zeros(1L << 50).sum() + losses;
        }

        [Strategy("managed-glutton", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
        public sealed class ManagedGlutton : LossWeighting
        {
            protected override Tensor Weights(ITrainingStep step, Tensor losses)
            {
                var hoard = new List<byte[]>();
                while (true) hoard.Add(new byte[1 << 28]);
            }
        }

        [Strategy("diverger", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
        public sealed class Diverger : LossWeighting
        {
            protected override Tensor Weights(ITrainingStep step, Tensor losses) => losses * double.PositiveInfinity;
        }
        """;

    [Fact]
    public void A_run_that_throws_diverges_hangs_or_takes_all_memory_fails_alone_with_its_reason()
    {
        using var plugins = new TemporaryFolder();
        PluginCompiler.Compile(plugins.Path, "Troublemakers", Troublemakers);
        using var folder = Sweep("strategies: [endless, sleeper, thrower, native-glutton, managed-glutton, diverger, uniform]");
        var (exitCode, output, error) = Kdmtl.Run(
            new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x40000000" },
            "run", folder.Path, "--parallel", "2", "--step-limit-seconds", "8", "--plugins", plugins.Path + Path.PathSeparator + Repository.Plugins);
        exitCode.ShouldBe(1, output + error);
        var records = new RunStore(folder.Output).ReadAll().Records.ToDictionary(record => record.SingleTask ?? record.Strategy);
        records.Count.ShouldBe(3 + 7);
        records.Values.Where(record => record.Status == RunStatus.Done).Select(record => record.Strategy).Distinct().ShouldBe(["single-task", "uniform"], ignoreOrder: true);
        Failure("endless").ShouldBe("it hangs: nothing has happened for 8 s (--step-limit-seconds) since step 0 began");
        Failure("sleeper").ShouldBe("it hangs: nothing has happened for 8 s (--step-limit-seconds) since step 1 began");
        Failure("thrower").ShouldBe("OperationCanceledException: not today (at step 0)");
        Failure("native-glutton").ShouldStartWith("out of memory: ");
        Failure("managed-glutton").ShouldStartWith("out of memory: ");
        Failure("diverger").ShouldContain("the strategy `diverger` gives task `segmentation` the weight Infinity from step 0 on");
        var leaderboard = File.ReadAllText(folder.File("output/leaderboard.md"));
        foreach (var record in records.Values.Where(record => record.Failure is not null))
            leaderboard.ShouldContain(record.Strategy);

        string Failure(string strategy) => records[strategy].Failure.ShouldNotBeNull();
    }

    [Fact]
    public void A_second_process_with_other_runs_is_told_who_has_the_sweep_and_takes_over_from_a_dead_one()
    {
        using var folder = Sweep("strategies: [uniform]", epochs: 100_000);
        using var first = Kdmtl.Start("run", folder.Path);
        while (first.StandardOutput.ReadLine() is { } line && !line.Contains(" runs", StringComparison.Ordinal))
        {
        }

        File.WriteAllText(folder.File("sweep.yaml"), Tiny + "strategies: [uniform]");
        var (exitCode, _, error) = Kdmtl.Run("run", folder.Path);
        exitCode.ShouldBe(2);
        error.ShouldContain($"{folder.Output} is in use by process {first.Id} on {Environment.MachineName}, started ");
        error.ShouldContain("wait for it to end, or stop it");
        first.HasExited.ShouldBeFalse();
        first.Kill();
        first.WaitForExit();

        var (again, output, _) = Kdmtl.Run("run", folder.Path);
        again.ShouldBe(0, output);
        output.ShouldContain($"is taken over from process {first.Id} on");
        File.Exists(folder.File("output/.holder")).ShouldBeFalse();
        Directory.Exists(folder.File("output/.claims")).ShouldBeFalse();
    }

    [NamespaceFact]
    public void A_folder_that_cannot_be_written_to_starts_nothing_and_says_so()
    {
        using var folder = Sweep("strategies: [uniform]");
        var (exitCode, _, error) = InNamespace($"mount --bind {folder.Path} {folder.Path} && mount -o remount,ro,bind {folder.Path}", folder);
        exitCode.ShouldBe(2);
        error.Trim().ShouldBe($"nothing has been started, since {folder.Output} cannot be written to: Read-only file system : '{folder.Output}'");
    }

    [NamespaceFact]
    public void A_full_disk_stops_the_sweep_with_one_sentence_and_nothing_is_lost()
    {
        using var folder = Sweep("strategies: [uniform, dwa]", seeds: 12);
        using var undisturbed = Sweep("strategies: [uniform, dwa]", seeds: 12);
        Kdmtl.Run("run", undisturbed.Path).ExitCode.ShouldBe(0);

        // Room for some of the 60 runs, with their checkpoints where the machine is slow; then all that was written is carried to where there is room for the rest.
        var yaml = folder.File("sweep.yaml");
        using var outside = new TemporaryFolder();
        var (exitCode, output, error) = InNamespace(
            $"cp {yaml} {outside.Path} && mount -t tmpfs -o size=320k none {folder.Path} && cp {outside.File("sweep.yaml")} {yaml}",
            folder, then: $"cp -a {folder.Path}/. {outside.Path}");
        exitCode.ShouldBe(1, output + error);
        error.ShouldContain("cannot be written: No space left on device");
        error.ShouldContain("The sweep has stopped. What was finished is kept, and once this is mended the same command goes on from there.");
        error.ShouldNotContain("   at ");
        var kept = new RunStore(outside.Output).ReadAll();
        kept.Warnings.ShouldBeEmpty();
        kept.Records.Count.ShouldBeInRange(1, 59);
        kept.Records.ShouldAllBe(record => record.Status == RunStatus.Done);

        var (again, rest, _) = Kdmtl.Run("run", outside.Path);
        again.ShouldBe(0, rest);
        rest.ShouldContain($"{kept.Records.Count} more are finished already");
        var store = new RunStore(undisturbed.Output);
        foreach (var id in store.Ids())
            File.ReadAllBytes(outside.File($"output/runs/{id}/curve.csv")).ShouldBe(File.ReadAllBytes(store.CurvePath(id)), id);
    }

    private static TemporaryFolder Sweep(string strategies, int epochs = 2, int seeds = 1)
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Tiny.Replace("epochs: 2", $"epochs: {epochs}").Replace("seeds: [1]", $"seeds: {seeds}") + strategies);
        return folder;
    }

    /// <summary>Runs the sweep where only this process sees what has been mounted.</summary>
    private static (int ExitCode, string Output, string Error) InNamespace(string mount, TemporaryFolder folder, string then = "true")
    {
        var program = Path.Combine(AppContext.BaseDirectory, "kdmtl.dll");
        var start = new ProcessStartInfo("unshare", ["-rm", "sh", "-c", $"{mount} && dotnet {program} run {folder.Path} --parallel 1; code=$?; {then}; exit $code"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    /// <summary>A test that mounts something for itself; skipped where the machine does not let it.</summary>
    private sealed class NamespaceFactAttribute : FactAttribute
    {
        public NamespaceFactAttribute()
        {
            using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "unshare -rm sh -c 'mount -t tmpfs none /mnt' 2>/dev/null"]))!;
            process.WaitForExit();
            if (process.ExitCode != 0)
                Skip = "needs user and mount namespaces (unshare -rm), which are not to be had here";
        }
    }
}
