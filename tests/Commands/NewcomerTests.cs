using System.Diagnostics;
using System.Text.RegularExpressions;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>What the README tells a newcomer to do, in a clone that nobody has built in.</summary>
[Trait("Category", "Slow")]
public partial class NewcomerTests
{
    /// <summary>Against several of the rules that bind the house's own plugins, and right all the same.</summary>
    private const string Guest = """
        using System.Linq;
        namespace Guest
        {
            public sealed class Guest
            {
                string Text() { string text = null; return string.Format("{0}", text); }
            }
        }
        """;

    [Fact]
    public void The_readmes_strategy_typed_into_a_clone_trains_beside_pcgrad_may_break_and_may_be_deleted()
    {
        using var folder = new TemporaryFolder();
        var clone = Clone(folder.Path);
        var example = Example().Match(File.ReadAllText(Path.Combine(Repository.Root, "README.md")));
        example.Success.ShouldBeTrue("the README's example is not written as this test expects it");
        var project = Path.Combine(clone, example.Groups["project"].Value);
        var source = Path.Combine(Path.GetDirectoryName(project)!, example.Groups["file"].Value);
        var (id, plugin) = (example.Groups["id"].Value, Path.GetFileNameWithoutExtension(project));
        Write(project, example.Groups["line"].Value);
        Write(source, example.Groups["source"].Value);
        Write(Path.Combine(clone, "results/mine/sweep.yaml"), $$"""
            benchmark:
              scenes: {height: 16, width: 16, train: 16, validation: 4, test: 4}
            model:
              segnet: {width: 0.05, stages: 2}
            training: {epochs: 1, batch-size: 8}
            seeds: 1
            strategies:
              - pcgrad
              {{example.Groups["entry"].Value}}
            """);

        var guest = Path.Combine(clone, "plugins/Guest/Guest.cs");
        Write(Path.ChangeExtension(guest, ".csproj"), "<Project Sdk=\"Microsoft.NET.Sdk\" />");
        Write(guest, Guest);

        var (exitCode, output) = RunBench(clone, "mine");
        exitCode.ShouldBe(0, output);
        output.ShouldNotContain("does not build");
        output.ShouldMatch(@"plugins/Guest/Guest.cs\(6,\d+\): warning CS8600");
        File.ReadAllText(Path.Combine(clone, "results/mine/output/leaderboard.md")).ShouldContain($"| {id}");

        File.AppendAllText(source, "class NotYet { int Count() => missing; }");
        (exitCode, output) = RunBench(clone, "list", "strategies");
        exitCode.ShouldBe(0, output);
        output.ShouldMatch($@"plugins/{plugin} does not build and is left out: .*{Path.GetFileName(source)}\(\d+,\d+\): error CS0103: .*missing");
        output.ShouldContain("\npcgrad ");
        output.ShouldNotContain($"\n{id} ");

        foreach (var gone in new[] { project, guest })
            Directory.Delete(Path.GetDirectoryName(gone)!, recursive: true);
        (exitCode, output) = RunBench(clone, "list", "strategies");
        exitCode.ShouldBe(0, output);
        output.ShouldNotContain(plugin);
        Directory.Exists(Path.Combine(clone, "artifacts/plugins/Guest")).ShouldBeFalse();
    }

    /// <summary>A clone of this checkout with what is not committed yet.</summary>
    private static string Clone(string folder)
    {
        var clone = Path.Combine(folder, "clone");
        Run(folder, "git", "clone", "--quiet", Repository.Root, clone).ExitCode.ShouldBe(0);
        foreach (var file in Run(Repository.Root, "git", "ls-files", "--modified", "--others", "--exclude-standard").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (from, to) = (Path.Combine(Repository.Root, file), Path.Combine(clone, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Delete(to);
            if (File.Exists(from))
                File.Copy(from, to);
        }

        return clone;
    }

    private static void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private static (int ExitCode, string Output) RunBench(string clone, params string[] arguments) => Run(clone, Path.Combine(clone, "run-bench.sh"), arguments);

    private static (int ExitCode, string Output) Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = folder };
        foreach (var setting in new[] { "KDMTL_PLUGINS", "TORCH_BACKEND" })
            start.Environment.Remove(setting);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    /// <summary>The project with its one line, the source beside it and the entry of a sweep, in the README's order.</summary>
    [GeneratedRegex(
        @"`(?<project>plugins/\S+\.csproj)`[^`]*`(?<line><Project [^`]+)`[^`]*`(?<file>\S+\.cs)`.*?```csharp\n(?<source>.*?)```.*?`(?<entry>- (?<id>[a-z0-9-]+)[^`]*)`",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Example();
}
