using System.Diagnostics;

namespace KdMtlBench.Tests.Support;

/// <summary>The scripts in a checkout of a few files, with a <c>dotnet</c> in front of the real one that only notes what it was asked for.</summary>
internal sealed class ScriptCheckout : IDisposable
{
    private const string Dotnet = """
        #!/bin/bash
        cd "$(dirname "$0")/.."
        case "$1" in
            --list-sdks) cat tools/sdks ;;
            build)
                echo build >>tools/calls
                mkdir -p artifacts/bin/KdMtlBench.Host/release_linux-x64 artifacts/plugins/Mine
                [ -e artifacts/plugins/Mine/Mine.dll ] || echo 1 >artifacts/plugins/Mine/Mine.dll
                echo 1 >artifacts/bin/KdMtlBench.Host/release_linux-x64/kdmtl.dll
                . tools/build ;;
            *) echo "kdmtl ${*:2}" >>tools/calls ;;
        esac
        """;

    private readonly TemporaryFolder _folder = new();

    public ScriptCheckout()
    {
        foreach (var script in new[] { "run-bench.sh", "host/build.sh", "host/environment.sh" })
            Write(script, File.ReadAllText(Path.Combine(Repository.Root, script)));
        Write("tools/dotnet", Dotnet);
        Write("tools/sdks", "10.0.100 [/sdks]\n");
        Write("tools/build", "");
        Write("Directory.Build.props", "<Project />");
        Write("contracts/Strategy.cs", "//");
        Write("host/Program.cs", "//");
        Write("plugins/Mine/Mine.csproj", "<Project />");
        Write("plugins/Mine/Mine.cs", "//");
        Run("chmod +x run-bench.sh tools/dotnet");
    }

    /// <summary>What <c>dotnet</c> was asked for since the last look.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            var calls = File.ReadAllLines(_folder.File("tools/calls"));
            File.Delete(_folder.File("tools/calls"));
            return calls;
        }
    }

    /// <summary>Where a file of the checkout is.</summary>
    public string Place(string name) => _folder.File(name);

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        File.WriteAllText(_folder.File(name), text);
    }

    /// <summary>Runs a bash command in the checkout.</summary>
    public (int ExitCode, string Output, string Error) Run(string command)
    {
        var start = new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = _folder.Path };
        start.Environment["PATH"] = _folder.File("tools") + Path.PathSeparator + start.Environment["PATH"];
        start.Environment.Remove("TORCH_BACKEND");
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    public void Dispose() => _folder.Dispose();
}
