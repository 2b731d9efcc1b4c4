using KdMtlBench.Host.Runs;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Runs;

public sealed class ProvenanceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Everything_that_a_record_promises_is_there()
    {
        var facts = Provenance.Of(Tiny.Spec(), "abc", CPU, parallel: 2);

        foreach (var key in new[] { "kdmtl", "dotnet", "os", "cpu", "cpu-model", "cores", "git-commit", "git-dirty", "command", "torchsharp", "libtorch" })
            facts[key].ShouldNotBeNullOrWhiteSpace(key);
        foreach (var key in new[] { "host-sha256", "contracts-sha256" })
            facts[key].ShouldMatch("^[0-9a-f]{64}$");
        facts["data-sha256"].ShouldBe("abc");
        facts["device"].ShouldBe("cpu");
        facts["parallel"].ShouldBe("2");
        facts["plugin-sha256.sum"].ShouldBe("built in");
        facts.Keys.ShouldNotContain("gpu");
        facts["package.MathNet.Numerics"].ShouldBe("5.0.0"); // as Directory.Packages.props pins it
        facts["package.libtorch-cpu-linux-x64"].ShouldStartWith("2.");
    }

    [Fact]
    public void A_plugin_that_git_does_not_know_makes_the_checkout_dirty()
    {
        Directory.CreateDirectory(_folder.File("plugins/Mine"));
        Git("init", "-q");
        File.WriteAllText(_folder.File("notes.txt"), "not built");
        Provenance.GitDirty(_folder.Path).ShouldBe("False");
        File.WriteAllText(_folder.File("plugins/Mine/Mine.cs"), "");
        Provenance.GitDirty(_folder.Path).ShouldBe("True");
        Git("add", "plugins");
        Git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "mine");
        Provenance.GitDirty(_folder.Path).ShouldBe("False");

        void Git(params string[] arguments)
        {
            using var git = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("git", arguments) { WorkingDirectory = _folder.Path })!;
            git.WaitForExit();
            git.ExitCode.ShouldBe(0);
        }
    }

    [Theory]
    [InlineData("kdmtl run quick --parallel 2", "/kdmtl.dll", "run", "quick", "--parallel", "2")]
    [InlineData("kdmtl run results/quick", "/x/kdmtl.dll", "run", "/home/someone/KdMtlBench/results/quick")]
    [InlineData("kdmtl run quick --data …/data", "kdmtl", "run", "quick", "--data", "/home/someone/data/")]
    [InlineData("kdmtl run quick --data=…/data", "kdmtl", "run", "quick", "--data=/home/someone/data")]
    [InlineData("kdmtl run …/quick --plugins artifacts/plugins:…/mine", "kdmtl", "run", "../other/quick", "--plugins", "/home/someone/KdMtlBench/artifacts/plugins:/opt/mine")]
    [InlineData("kdmtl run \"my sweep\"", "kdmtl", "run", "my sweep")]
    public void Command_line_is_told_without_the_folders_of_a_machine(string expected, params string[] arguments) =>
        Provenance.CommandLine(arguments, "/home/someone/KdMtlBench").ShouldBe(expected);

    [Fact]
    public void Gpus_are_named_as_the_driver_does()
    {
        foreach (var (gpu, model) in new[] { ("0000:01:00.0", "Invented A1"), ("0000:02:00.0", "Invented B2") })
        {
            Directory.CreateDirectory(_folder.File(gpu));
            File.WriteAllText(_folder.File($"{gpu}/information"), $"Model: \t\t {model}\nIRQ:   \t\t 42\n");
        }

        Provenance.Gpus(_folder.Path).ShouldBe(["Invented A1", "Invented B2"]);
        Provenance.Gpus(_folder.File("absent")).ShouldBe(["unknown"]);
    }
}
