using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>The real program, killed and started again.</summary>
public class ResumeTests
{
    private const int Kills = 20;
    private static readonly string[] _times = ["step_ms", "step_ratio", "peak_mib", "train_s", "teacher_s"];

    private const string Sweep = """
        benchmark:
          scenes: {height: 16, width: 16, train: 24, validation: 4, test: 4}
        model:
          segnet: {width: 0.05, stages: 2}
        training: {epochs: 40, batch-size: 8, learning-rate: 0.01, schedule: cosine}
        seeds: [1]
        strategies:
          - dwa
          - [kd-adaptor, uncertainty]
          - gradnorm
          - pcgrad
        """;

    [Fact]
    public void Killed_at_twenty_random_moments_a_sweep_ends_with_the_same_bytes()
    {
        using var undisturbed = Folder();
        Kdmtl.Run("run", undisturbed.Path, "--parallel", "2").ExitCode.ShouldBe(0);
        var random = new Random(1);
        var (kills, resumed) = (0, 0);
        while (kills < Kills)
        {
            using var disturbed = Folder();
            while (kills < Kills && !RunAndKill(disturbed.Path, random, ref resumed))
                kills++;
            var (exitCode, output, error) = Kdmtl.Run("run", disturbed.Path, "--parallel", "2");
            exitCode.ShouldBe(0, output + error);
            ShouldBeTheSame(disturbed, undisturbed);
        }

        resumed.ShouldBeGreaterThanOrEqualTo(Kills / 4);
    }

    /// <summary>Lets the program run for a random while; true where it came to its end before.</summary>
    private static bool RunAndKill(string folder, Random random, ref int resumed)
    {
        using var process = Kdmtl.Start("run", folder, "--parallel", "2");
        using var started = new ManualResetEventSlim();
        var output = new List<string>();
        process.OutputDataReceived += (_, line) =>
        {
            lock (output)
                output.Add(line.Data ?? "");
            if (line.Data?.Contains(" runs", StringComparison.Ordinal) != false)
                started.Set();
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        // Most of the time where there is something to lose, sometimes before.
        if (random.Next(8) > 0)
            started.Wait(TimeSpan.FromMinutes(2)).ShouldBeTrue();
        Thread.Sleep(random.Next(1500));
        var finished = process.HasExited;
        process.Kill();
        process.WaitForExit();
        lock (output)
            resumed += output.Count(line => line.Contains("goes on after epoch", StringComparison.Ordinal));
        if (finished)
            process.ExitCode.ShouldBe(0, string.Join('\n', output));
        return finished;
    }

    private static void ShouldBeTheSame(TemporaryFolder disturbed, TemporaryFolder undisturbed)
    {
        var (mine, expected) = (new RunStore(disturbed.Output), new RunStore(undisturbed.Output));
        mine.Ids().ShouldBe(expected.Ids());
        mine.Ids().Count.ShouldBe(7);
        foreach (var id in mine.Ids())
        {
            File.ReadAllBytes(mine.CurvePath(id)).ShouldBe(File.ReadAllBytes(expected.CurvePath(id)), id);
            Directory.GetFileSystemEntries(mine.Folder(id)).Select(path => Path.GetFileName(path)).Order().ShouldBe(
                id.Contains(".s1.") ? [".here", "curve.csv", "pictures.safetensors", "run.json"] : [".here", "curve.csv", "run.json"]); // of the lowest seed
            if (File.Exists(mine.PicturesPath(id)))
                File.ReadAllBytes(mine.PicturesPath(id)).ShouldBe(File.ReadAllBytes(expected.PicturesPath(id)), id);
        }

        foreach (var (record, other) in mine.ReadAll().Records.Zip(expected.ReadAll().Records))
        {
            record.SelectedEpoch.ShouldBe(other.SelectedEpoch);
            record.Test.ShouldBe(other.Test);
            record.Validation.ShouldBe(other.Validation);
        }

        WithoutTimes(disturbed).ShouldBe(WithoutTimes(undisturbed));
    }

    /// <summary>The leaderboard's lines without the columns that no two runs have in common.</summary>
    private static IReadOnlyList<string> WithoutTimes(TemporaryFolder folder)
    {
        var rows = File.ReadAllLines(folder.File("output/leaderboard.csv")).Select(line => line.Split(',')).ToList();
        var columns = Enumerable.Range(0, rows[0].Length).Where(column => !_times.Contains(rows[0][column])).ToList();
        columns.Count.ShouldBeLessThan(rows[0].Length);
        return [.. rows.Select(row => string.Join(',', columns.Select(column => row[column])))];
    }

    private static TemporaryFolder Folder()
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Sweep);
        return folder;
    }
}
