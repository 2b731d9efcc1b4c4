using System.Diagnostics;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public class PeersCommandTests
{
    [Fact]
    public void A_missing_torch_is_said_in_one_sentence()
    {
        var (exitCode, _, error) = Kdmtl.Run("peers", "--python", "/bin/false");
        exitCode.ShouldBe(2);
        error.Trim().ShouldBe("there is no torch in /bin/false: install PyTorch (Debian: apt-get install python3-torch) or name a Python that has it by --python");
    }

    [TorchFact]
    public void Pytorch_gives_the_same_losses_and_is_timed_beside()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = Kdmtl.Run(
            "peers", "--width", "0.0625", "--threads", "1", "--rounds", "2", "--steps", "2", "--output", folder.Path, "--plugins", Repository.Plugins);
        exitCode.ShouldBe(0, output + error);
        var rows = File.ReadAllLines(folder.File("peers.csv")).Select(line => line.Split(',')).ToList();
        rows[0].Length.ShouldBe(3 + 9 * 3);
        rows.Skip(1).Select(row => row[1]).ShouldBe(["uniform", "pcgrad", "mgda"]);
        foreach (var row in rows.Skip(1).Select(row => row.Skip(2).Select(double.Parse).ToList()))
        {
            row[0].ShouldBeLessThanOrEqualTo(1e-4);
            row.Skip(1).ShouldAllBe(value => value > 0);
        }

        File.ReadAllText(folder.File("peers.md")).ShouldContain("| uniform |");
    }

    /// <summary>One strategy of each thing that the sides exchange: epochs, random numbers, other batches, teachers; and a solver.</summary>
    [TorchFact, Trait("Category", "Slow")]
    public void Losses_alone_are_compared_of_strategies_that_both_sides_have()
    {
        string[] strategies = ["dwa", "random-loss-weighting", "famo", "mgda-ub", "upgrad", "db-mtl", "modo", "graddrop", "bam", "kd-adaptor"];
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = Kdmtl.Run(
            "peers", "--losses", "--strategies", string.Join(',', strategies), "--width", "0.0625", "--threads", "1",
            "--output", folder.Path, "--plugins", Repository.Plugins);
        exitCode.ShouldBe(0, output + error);
        var rows = File.ReadAllLines(folder.File("losses.csv")).Skip(1).Select(line => line.Split(',')).ToDictionary(row => row[1], row =>
            row.Skip(2).Select(double.Parse).ToArray());
        rows.Keys.Select(label => label.Split('(')[0]).ShouldBe(strategies);
        rows.Values.ShouldAllBe(row => row[0] <= 1e-10);
        rows.Values.ShouldAllBe(row => row[1] > 1e-8); // or a strategy that does nothing would be compared with itself
        output.ReplaceLineEndings(" ").ShouldContain("PyTorch's side has every strategy of this program.");
    }

    /// <summary>A test that needs a Python with torch; skipped, with the reason shown, where there is none.</summary>
    private sealed class TorchFactAttribute : FactAttribute
    {
        public TorchFactAttribute()
        {
            if (!new[] { "python3", "/usr/bin/python3" }.Any(HasTorch))
                Skip = "needs Python with PyTorch (Debian: python3-torch)";
        }

        private static bool HasTorch(string python)
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import torch"]) { RedirectStandardError = true, UseShellExecute = false })!;
                process.StandardError.ReadToEnd();
                process.WaitForExit();
                return process.ExitCode == 0;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return false;
            }
        }
    }
}
