using System.Diagnostics;
using System.Globalization;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>Several processes at one sweep: started together, killed, frozen.</summary>
public class SharedSweepTests
{
    private const string Sweep = """
        benchmark:
          scenes: {height: 16, width: 16, train: 16, validation: 2, test: 2}
        model:
          segnet: {width: 0.05, stages: 2}
        training: {epochs: 12, batch-size: 8, learning-rate: 0.01}
        seeds: [1, 2]
        strategies: [dwa, kd-adaptor, pcgrad]
        """;

    private static readonly IReadOnlyDictionary<string, string> _impatient = new Dictionary<string, string> { ["KDMTL_SILENCE_SECONDS"] = "4" };

    private static readonly Lazy<IReadOnlyDictionary<string, byte[]>> _undisturbed = new(() =>
    {
        using var folder = Folder();
        Kdmtl.Run("run", folder.Path, "--parallel", "1").ExitCode.ShouldBe(0);
        return Curves(folder);
    });

    [Fact]
    public void Two_workers_give_the_bytes_of_one()
    {
        using var folder = Folder();
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path, "--parallel", "1", "--device", "cpu,cpu");
        exitCode.ShouldBe(0, output + error);
        output.ShouldContain("12 runs");
        output.ShouldContain("[12/12]");
        ShouldBeUndisturbed(folder);
    }

    [Fact]
    public void Two_processes_on_one_folder_share_the_work_and_each_ends_with_the_whole_leaderboard()
    {
        using var folder = Folder();
        using var first = Kdmtl.Start("run", folder.Path, "--parallel", "1");
        ReadTo(first, "12 runs");
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path, "--parallel", "1");
        var rest = first.StandardOutput.ReadToEnd();
        first.WaitForExit();
        (exitCode, first.ExitCode).ShouldBe((0, 0), output + error + rest);
        output.ShouldContain($"process {first.Id} on {Environment.MachineName}, started ");
        output.ShouldContain("is at this sweep as well: the work is shared");
        output.ShouldContain("Written: ");
        rest.ShouldContain("Written: ");
        ShouldBeUndisturbed(folder);
    }

    [Fact]
    public void A_process_that_wakes_up_after_others_have_taken_its_runs_writes_no_record_of_them()
    {
        using var folder = Folder();
        using var first = Kdmtl.Start(_impatient, "run", folder.Path, "--parallel", "1");
        ReadTo(first, "12 runs");
        int[] frozen = [first.Id, .. WorkersOf(first)];
        frozen.Length.ShouldBe(2);
        Signal("STOP", frozen);
        var (exitCode, output, error) = Kdmtl.Run(_impatient, "run", folder.Path, "--parallel", "1");
        exitCode.ShouldBe(0, output + error);
        var records = Records(folder);
        Signal("CONT", frozen);
        var rest = first.StandardOutput.ReadToEnd();
        first.WaitForExit();
        first.ExitCode.ShouldBe(0, rest);
        Records(folder).ShouldBe(records);
        ShouldBeUndisturbed(folder);
    }

    [Fact]
    public void A_worker_that_stands_still_is_ended_and_its_run_made_by_another()
    {
        using var folder = Folder();
        using var process = Kdmtl.Start(_impatient, "run", folder.Path, "--parallel", "1");
        ReadTo(process, "12 runs");
        Signal("STOP", WorkersOf(process));
        var rest = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, rest);
        rest.ShouldContain("a worker on auto was ended, since it had given no sign of life for 4 s; ");
        ShouldBeUndisturbed(folder);
    }

    [Fact]
    public async Task Where_the_output_folder_goes_away_the_sweep_stops_and_says_so_and_goes_on_when_it_is_back()
    {
        using var folder = Folder();
        using var process = Kdmtl.Start("run", folder.Path, "--parallel", "1");
        var error = process.StandardError.ReadToEndAsync();
        ReadTo(process, "[ 2/12]");
        Directory.Move(folder.Output, folder.File("elsewhere"));
        var rest = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldNotBe(0, rest);
        (rest + await error).ReplaceLineEndings(" ").ShouldContain($"{folder.Output} is gone");
        if (Directory.Exists(folder.Output)) // a file that was being written made it again
            Directory.Delete(folder.Output, recursive: true);
        Directory.Move(folder.File("elsewhere"), folder.Output);
        var (exitCode, output, stillError) = Kdmtl.Run("run", folder.Path, "--parallel", "1");
        exitCode.ShouldBe(0, output + stillError);
        ShouldBeUndisturbed(folder);
    }

    [Fact]
    public void A_claim_of_half_a_line_is_nobodys()
    {
        using var folder = Folder();
        using var process = Kdmtl.Start(_impatient, "run", folder.Path, "--parallel", "1");
        ReadTo(process, "12 runs");
        var last = _undisturbed.Value.Keys.Last(id => id.Contains("pcgrad"));
        File.WriteAllText(folder.File($"output/.claims/runs/{last}.1"), "0123456789abc");
        var rest = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, rest);
        ShouldBeUndisturbed(folder);
    }

    [Fact]
    public void Workers_and_supervisors_killed_at_random_moments_leave_the_same_bytes() => Kill(6, new Random(1));

    [SlowFact, Trait("Category", "Slow")]
    public void Fifty_kills_of_workers_and_supervisors_leave_the_same_bytes() => Kill(50, new Random(2));

    private static void Kill(int kills, Random random)
    {
        while (kills > 0)
        {
            using var folder = Folder();
            var exitCode = -1;
            while (exitCode != 0)
            {
                using var process = Kdmtl.Start("run", folder.Path, "--parallel", "2", "--device", random.Next(2) == 0 ? "cpu" : "cpu,cpu");
                process.ErrorDataReceived += (_, _) => { };
                process.BeginErrorReadLine();
                var output = process.StandardOutput.ReadToEndAsync();
                while (kills > 0 && !process.WaitForExit(random.Next(500, 4000)))
                {
                    int[] all = [process.Id, .. WorkersOf(process)];
                    Signal("KILL", [all[random.Next(all.Length)]]);
                    kills--;
                }

                process.WaitForExit();
                exitCode = process.ExitCode;
                if (exitCode is not (0 or 1 or 137))
                    exitCode.ShouldBe(0, output.Result);
            }

            ShouldBeUndisturbed(folder);
        }
    }

    private static void ReadTo(Process process, string words)
    {
        while (process.StandardOutput.ReadLine() is { } line && !line.Contains(words, StringComparison.Ordinal))
        {
        }
    }

    /// <summary>The processes that it has started.</summary>
    private static int[] WorkersOf(Process parent)
    {
        var parents = $"/proc/{parent.Id}/task";
        return !Directory.Exists(parents) ? [] :
        [
            .. Directory.GetDirectories(parents).Select(task => Path.Combine(task, "children")).Where(File.Exists)
                .SelectMany(file => File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
        ];
    }

    private static void Signal(string name, int[] processes)
    {
        using var kill = Process.Start("kill", [$"-{name}", .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
    }

    private static void ShouldBeUndisturbed(TemporaryFolder folder)
    {
        var curves = Curves(folder);
        curves.Keys.ShouldBe(_undisturbed.Value.Keys);
        foreach (var (id, curve) in curves)
            curve.ShouldBe(_undisturbed.Value[id], id);
        Directory.Exists(folder.File("output/.claims")).ShouldBeFalse();
        Directory.GetFiles(folder.Output, "*.partial", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    private static Dictionary<string, byte[]> Curves(TemporaryFolder folder)
    {
        var store = new RunStore(folder.Output);
        return store.Ids().ToDictionary(id => id, id => File.ReadAllBytes(store.CurvePath(id)));
    }

    private static Dictionary<string, string> Records(TemporaryFolder folder)
    {
        var store = new RunStore(folder.Output);
        return store.Ids().ToDictionary(id => id, id => File.ReadAllText(store.RecordPath(id)));
    }

    private static TemporaryFolder Folder()
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Sweep);
        return folder;
    }

    private sealed class SlowFactAttribute : FactAttribute
    {
        public SlowFactAttribute()
        {
            Skip = Environment.GetEnvironmentVariable("KDMTL_SLOW_TESTS") is null ? "takes minutes: KDMTL_SLOW_TESTS=1 ./run-tests.sh --filter Category=Slow" : null;
        }
    }
}
