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

    [Fact]
    public void Gpu_sh_without_its_program_says_how_to_make_it()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(Repository.Root, "tests", "gpu.sh"), folder.File("gpu.sh"));
        var (exitCode, output) = Run("bash", [folder.File("gpu.sh")]);
        exitCode.ShouldBe(2);
        output.ShouldContain("tests/gpu.sh build");
    }

    [Fact]
    public void Gpu_sh_asks_everything_whatever_fails_and_says_what_to_look_at()
    {
        using var folder = new TemporaryFolder();
        foreach (var (file, place) in new[] { ("tests/gpu.sh", "gpu.sh"), ("host/environment.sh", "environment.sh") })
            File.Copy(Path.Combine(Repository.Root, file), folder.File(place));
        foreach (var sweep in new[] { "quick", "parallel-24" })
        {
            Directory.CreateDirectory(folder.File($"sweeps/{sweep}"));
            File.WriteAllText(folder.File($"sweeps/{sweep}/sweep.yaml"), "");
        }

        // In place of the program: doctor passes, perf hangs, all else fails.
        Directory.CreateDirectory(folder.File("kdmtl"));
        File.WriteAllText(folder.File("kdmtl/kdmtl"), """
            #!/bin/sh
            case "$1" in
                doctor) echo 'ok      libtorch      9.9' ;;
                perf) exec sleep 60 ;;
                *) echo "no $1"; exit 3 ;;
            esac
            """);
        Run("chmod", ["+x", folder.File("kdmtl/kdmtl")]).ExitCode.ShouldBe(0);
        var (exitCode, output) = Run("bash", [folder.File("gpu.sh")],
            ("DEVICE", "cpu"), ("KDMTL_LIBTORCH", "/nowhere"), ("OUT", folder.File("out")), ("PATIENCE", "1"), ("SECONDS_IN_ALL", "25"));
        exitCode.ShouldBe(1);
        var table = output[output.LastIndexOf("What to look at", StringComparison.Ordinal)..];
        table.ShouldBe($"What to look at, in {folder.File("out")}:\n{File.ReadAllText(folder.File("out/summary.txt"))}");
        table.ShouldMatch("doctor +ok, \\d+ s +libtorch: 9.9");
        table.ShouldMatch("quick +FAILED, exit 3 .*see logs/quick.log: no run");
        table.ShouldMatch("parallel +FAILED, exit 3");
        table.ShouldMatch("reading +FAILED, over [12][0-9] s");
        table.ShouldMatch("tasks-40 +skipped +no time left of 25 s: tests/gpu.sh tasks-40");
    }

    [SlowFact, Trait("Category", "Slow")]
    public void The_archive_for_a_gpu_machine_and_the_tree_are_small_enough_to_travel()
    {
        var (exitCode, output) = Run("bash", [Path.Combine(Repository.Root, "tests", "gpu.sh"), "build"]);
        exitCode.ShouldBe(0, output);
        var (_, files) = Run("git", ["-C", Repository.Root, "ls-files"]);
        var tree = files.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(name => new FileInfo(Path.Combine(Repository.Root,
            name))).Where(file => file.Exists);
        var archive = new FileInfo(Path.Combine(Repository.Root, "artifacts", "kdmtl-gpu.tar.xz"));
        (tree.Sum(file => file.Length) + archive.Length).ShouldBeLessThan(60L << 20);
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

    /// <summary>A test of minutes; skipped, with the reason shown, unless it is asked for.</summary>
    private sealed class SlowFactAttribute : FactAttribute
    {
        public SlowFactAttribute()
        {
            if (Environment.GetEnvironmentVariable("KDMTL_SLOW_TESTS") != "1")
                Skip = "takes minutes: KDMTL_SLOW_TESTS=1 ./run-tests.sh --filter Category=Slow";
        }
    }
}
