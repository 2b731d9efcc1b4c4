using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>When ./run-bench.sh builds, and what it says of it.</summary>
public sealed class BuildScriptTests : IDisposable
{
    private readonly ScriptCheckout _checkout = new();

    public void Dispose() => _checkout.Dispose();

    [Fact]
    public void The_first_call_builds_and_says_so_and_the_next_one_goes_straight_to_the_program()
    {
        var (exitCode, output, error) = _checkout.Run("./run-bench.sh list models");
        exitCode.ShouldBe(0, error);
        output.ShouldBeEmpty(); // standard output is the program's
        error.ShouldStartWith("Building (the first time takes some minutes, and fetches packages that are not here yet) …\n");
        _checkout.Calls.ShouldBe(["build", "kdmtl list models"]);

        _checkout.Run("./run-bench.sh list models").Error.ShouldBeEmpty();
        _checkout.Calls.ShouldBe(["kdmtl list models"]);
    }

    [Theory]
    [InlineData("echo 2 >>plugins/Mine/Mine.cs", "plugins/Mine/Mine.cs")]
    [InlineData("echo 1 >plugins/Mine/More.cs", "plugins/Mine/More.cs")]
    [InlineData("mkdir plugins/Other; echo 1 >plugins/Other/Other.csproj", "plugins/Other/Other.csproj")]
    [InlineData("rm contracts/Strategy.cs", "contracts/Strategy.cs")]
    [InlineData("touch -d 2001-01-01 older; mv older host/Program.cs", "host/Program.cs")]
    [InlineData("rm -r plugins/Mine", "plugins/Mine/Mine.cs")]
    [InlineData("echo 2 >>Directory.Build.props", "Directory.Build.props")]
    [InlineData("echo 1 >global.json", "global.json")]
    [InlineData("echo '10.0.200 [/sdks]' >>tools/sdks", "10.0.200 [/sdks]")]
    [InlineData("export TORCH_BACKEND=cuda", "TORCH_BACKEND=")]
    [InlineData("rm artifacts/plugins/Mine/Mine.dll", "artifacts/plugins/Mine/Mine.dll")]
    [InlineData("rm -r artifacts/bin", "artifacts/bin/KdMtlBench.Host/release_linux-x64/kdmtl.dll")]
    [InlineData("echo 2 >artifacts/plugins/Mine/Mine.dll", "artifacts/plugins/Mine/Mine.dll")]
    public void Whatever_a_build_depends_on_makes_it_build_once_when_it_changes(string change, string named)
    {
        _checkout.Run("./run-bench.sh");
        _ = _checkout.Calls;
        var (exitCode, _, error) = _checkout.Run($"{change}; ./run-bench.sh && ./run-bench.sh");
        exitCode.ShouldBe(0, error);
        error.ShouldStartWith($"Building ({named} has changed) …\n");
        _checkout.Calls.Count(call => call == "build").ShouldBe(1);
    }

    [Theory]
    [InlineData("echo 1 >README.md; mkdir -p results/mine tests; echo 1 >results/mine/sweep.yaml; echo 1 >tests/Tests.cs")]
    [InlineData("echo 1 >plugins/Mine/.Mine.cs.swp; echo 1 >plugins/Mine/Mine.cs~")]
    public void What_a_build_does_not_read_does_not_make_it_build(string change)
    {
        _checkout.Run("./run-bench.sh");
        _ = _checkout.Calls;
        _checkout.Run($"{change}; ./run-bench.sh");
        _checkout.Calls.ShouldNotContain("build");
    }

    [Fact]
    public void A_build_that_fails_shows_why_and_is_tried_again()
    {
        _checkout.Write("tools/build", "echo 'host/Program.cs(1,1): error CS0103: no such name'; exit 1");
        for (var i = 0; i < 2; i++)
        {
            var (exitCode, output, error) = _checkout.Run("./run-bench.sh list models");
            exitCode.ShouldBe(2);
            output.ShouldBeEmpty();
            error.ShouldContain("host/Program.cs(1,1): error CS0103: no such name");
            _checkout.Calls.ShouldBe(["build"]);
        }
    }

    [Fact]
    public void Two_calls_at_once_build_once()
    {
        _checkout.Write("tools/build", "sleep 0.3");
        _checkout.Run("./run-bench.sh & ./run-bench.sh; wait");
        _checkout.Calls.Count(call => call == "build").ShouldBe(1);
    }

    [Fact]
    public void A_file_that_changes_while_it_is_built_is_built_again()
    {
        _checkout.Write("tools/build", "echo 3 >>plugins/Mine/Mine.cs");
        _checkout.Run("./run-bench.sh");
        _checkout.Write("tools/build", "");
        _checkout.Run("./run-bench.sh");
        _checkout.Calls.Count(call => call == "build").ShouldBe(2);
    }

    [Fact]
    public void A_plugin_with_an_error_is_named_with_its_first_at_every_start_and_the_rest_runs()
    {
        _checkout.Write("tools/build", """
            echo "$PWD/plugins/Mine/Mine.cs(3,5): error CS0103: no such name [$PWD/plugins/Mine/Mine.csproj]"
            echo "$PWD/plugins/Mine/Mine.cs(4,5): error CS0104: no such thing [$PWD/plugins/Mine/Mine.csproj]"
            echo "  KdMtlBench.Host -> kdmtl.dll"
            exit 1
            """);
        for (var i = 0; i < 2; i++)
        {
            var (exitCode, _, error) = _checkout.Run("./run-bench.sh list models");
            exitCode.ShouldBe(0, error);
            error.Split('\n')[^2].ShouldBe("plugins/Mine does not build and is left out: plugins/Mine/Mine.cs(3,5): error CS0103: no such name");
            File.Exists(_checkout.Place("artifacts/plugins/Mine/Mine.dll")).ShouldBeFalse(); // its last good version is not what its folder says
            _checkout.Calls.ShouldBe(i == 0 ? ["build", "kdmtl list models"] : ["kdmtl list models"]);
        }

        _checkout.Write("plugins/Mine/Mine.cs", "// better");
        _checkout.Write("tools/build", "");
        _checkout.Run("./run-bench.sh; ./run-bench.sh").Error.ShouldNotContain("does not build");
    }

    [Fact]
    public void A_plugin_whose_project_stops_the_build_is_left_out_of_another_one()
    {
        _checkout.Write("tools/build", """
            [[ "$*" = *-p:WithoutPlugins=../plugins/Mine/* ]] || { echo "$PWD/plugins/Mine/Mine.csproj : error NU1101: no such package [$PWD/host/KdMtlBench.Host.csproj]"; exit 1; }
            """);
        var (exitCode, _, error) = _checkout.Run("./run-bench.sh list models");
        exitCode.ShouldBe(0, error);
        error.ShouldEndWith("plugins/Mine does not build and is left out: plugins/Mine/Mine.csproj : error NU1101: no such package\n");
        _checkout.Calls.ShouldBe(["build", "build", "kdmtl list models"]);
    }

    [Fact]
    public void A_plugin_that_cannot_be_left_out_ends_the_script()
    {
        _checkout.Write("tools/build", "echo \"$PWD/plugins/Mine/Mine.csproj : error NU1101: no such package\"; exit 1");
        _checkout.Run("./run-bench.sh list models").ExitCode.ShouldBe(2);
        _checkout.Calls.ShouldBe(["build", "build"]);
    }

    [Fact]
    public void What_the_compiler_warns_of_in_a_plugin_is_shown()
    {
        _checkout.Write("tools/build", "echo \"$PWD/plugins/Mine/Mine.cs(3,5): warning CS0219: never used [$PWD/plugins/Mine/Mine.csproj]\"");
        _checkout.Run("./run-bench.sh").Error.ShouldContain("\n  plugins/Mine/Mine.cs(3,5): warning CS0219: never used\n");
    }
}
