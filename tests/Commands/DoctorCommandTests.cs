using KdMtlBench.Host.Commands.Doctor;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public class DoctorCommandTests
{
    [Fact]
    public void A_machine_that_can_make_runs_is_said_to()
    {
        using var data = new TemporaryFolder();
        Directory.CreateDirectory(data.File("mnist"));
        foreach (var name in new[] { "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte" })
            File.WriteAllText(data.File($"mnist/{name}"), "");
        var (exitCode, output, error) = Kdmtl.Run("doctor", "--data", data.Path, "--device", "cpu", "--plugins", Repository.Plugins);
        exitCode.ShouldBe(0, output + error);
        error.ShouldBeEmpty();
        output.ShouldNotContain("MISSING", Case.Sensitive);
        output.ShouldNotContain('\u001b');
        var lines = output.Split('\n');
        lines.ShouldContain(line => line.StartsWith("ok      libtorch      this build's own, 2.10."));
        lines.ShouldContain(line => line.StartsWith("ok      entry points  ") && line.EndsWith("all are there"));
        lines.ShouldContain(line => line.StartsWith("ok      cpu           ") && line.EndsWith("comes out right"));
        lines.ShouldContain($"ok      data          MNIST in {data.File("mnist")}, for multi-mnist, svhn-omniglot");
        lines.ShouldContain(line => line.StartsWith("note    data          Omniglot is not here"));
        lines.ShouldContain(line => line.EndsWith("→ kdmtl data get omniglot"));
        lines.ShouldContain("ok      environment   OMP_WAIT_POLICY=passive");
        output.TrimEnd().ShouldEndWith("Runs can be made here.");
    }

    [Fact]
    public void What_is_missing_is_said_with_what_to_do_and_the_rest_is_still_looked_at()
    {
        using var nothing = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["KDMTL_LIBTORCH"] = nothing.Path };
        var (exitCode, output, _) = Kdmtl.Run(environment, "doctor", "--plugins", nothing.Path);
        exitCode.ShouldBe(1);
        output.ShouldContain("MISSING libtorch      KDMTL_LIBTORCH is ");
        output.ShouldContain($"note    plugins       {nothing.Path}: no plugin in it");
        output.ShouldContain("note    data          MNIST is not here");
        output.TrimEnd().ShouldEndWith("see the line that says MISSING.");
    }

    [Fact]
    public void A_gpu_that_is_asked_for_and_is_not_there_is_missing()
    {
        if (TorchSharp.torch.cuda.is_available())
            return;
        var (exitCode, output, _) = Kdmtl.Run("doctor", "--device", "cuda", "--plugins", Repository.Plugins);
        exitCode.ShouldBe(1);
        output.ShouldContain("MISSING cuda          this libtorch sees no GPU");
    }

    [Fact]
    public void An_environment_that_nothing_has_prepared_is_noted()
    {
        var findings = MachineFindings.Environments(new Dictionary<string, string> { ["KDMTL_DEVICE"] = "cpu",
            ["GOMP_SPINCOUNT"] = "5" }).ToList();
        findings.Where(finding => finding.State == FindingState.Note).Select(finding =>
            finding.Text).ShouldBe(["GLIBC_TUNABLES is not set", "TORCH_CPP_LOG_LEVEL is not set"]);
        findings.Where(finding => finding.State == FindingState.Good).Select(finding => finding.Text).ShouldBe(["GOMP_SPINCOUNT=5",
            "KDMTL_DEVICE=cpu"]);
    }
}
