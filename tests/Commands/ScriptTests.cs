using System.Diagnostics;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public class ScriptTests
{
    [Theory, InlineData("run-bench.sh"), InlineData("run-tests.sh")]
    public void A_missing_sdk_is_said_in_one_sentence(string script)
    {
        using var tools = new TemporaryFolder();
        foreach (var tool in new[] { "bash", "dirname" })
            File.CreateSymbolicLink(Path.Combine(tools.Path, tool), $"/usr/bin/{tool}");
        var (exitCode, output) = Run(Path.Combine(Repository.Root, script), [], ("PATH", tools.Path));
        exitCode.ShouldBe(2);
        output.Trim().ShouldBe("The .NET 10 SDK is missing: install it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again.");
    }

    [Theory]
    [InlineData("cpu", "libtorch-cpu-linux-x64", "TorchSharp-cuda-linux")]
    [InlineData("cuda", "TorchSharp-cuda-linux", "libtorch-cpu-linux-x64")]
    public void The_backend_chooses_the_native_package(string backend, string present, string absent)
    {
        var project = Path.Combine(Repository.Root, "host", "KdMtlBench.Host.csproj");
        var (exitCode, output) = Run("dotnet", ["msbuild", project, "-getItem:PackageReference", $"-p:TorchBackend={backend}"]);
        exitCode.ShouldBe(0, output);
        output.ShouldContain($"\"{present}\"");
        output.ShouldNotContain($"\"{absent}\"");
        output.ShouldContain("\"TorchSharp\"");
    }

    /// <summary>The solution says which plugins are the house's own and bound by its rules.</summary>
    [Fact]
    public void Every_plugin_in_git_is_in_the_solution_and_bound_by_the_houses_rules()
    {
        var (exitCode, tracked) = Run("git", ["-C", Repository.Root, "ls-files", "plugins/*/*.csproj"]);
        exitCode.ShouldBe(0, tracked);
        var projects = tracked.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "KdMtlBench.sln"));
        projects.ShouldAllBe(project => solution.Contains($"\"{project.Replace('/', '\\')}\""));

        var (_, properties) = Run("dotnet", ["msbuild", Path.Combine(Repository.Root, projects[^1]), "-getProperty:TreatWarningsAsErrors", "-getProperty:HousePlugins"]);
        properties.ShouldContain("\"TreatWarningsAsErrors\": \"true\"");
        foreach (var project in projects)
            properties.ShouldContain(project);
    }

    [Fact]
    public void Freed_memory_is_kept_idle_threads_spin_for_a_while_and_libtorch_says_errors_only_unless_the_user_says_otherwise()
    {
        const string show = "unset GLIBC_TUNABLES GOMP_SPINCOUNT OMP_WAIT_POLICY TORCH_CPP_LOG_LEVEL; eval \"$2\"; . \"$1/host/environment.sh\"; bash -c 'echo $GLIBC_TUNABLES $GOMP_SPINCOUNT $TORCH_CPP_LOG_LEVEL'";
        var (_, byDefault) = Run("bash", ["-euc", show, "show", Repository.Root, ""]);
        byDefault.ShouldContain("glibc.malloc.trim_threshold=4294967296");
        byDefault.Trim().ShouldEndWith(" 1000000 ERROR");
        var (_, given) = Run("bash", ["-euc", show, "show", Repository.Root, "export GLIBC_TUNABLES=glibc.malloc.tcache_count=7 OMP_WAIT_POLICY=passive TORCH_CPP_LOG_LEVEL=INFO"]);
        given.Trim().ShouldBe("glibc.malloc.tcache_count=7 INFO");
    }

    private static (int ExitCode, string Output) Run(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }
}
