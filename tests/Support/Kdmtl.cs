using System.Diagnostics;

namespace KdMtlBench.Tests.Support;

/// <summary>The real program in a process of its own.</summary>
internal static class Kdmtl
{
    /// <summary>Runs it to its end.</summary>
    public static (int ExitCode, string Output, string Error) Run(params string[] arguments) => Run(new Dictionary<string, string>(), arguments);

    /// <summary>The same with these environment variables.</summary>
    public static (int ExitCode, string Output, string Error) Run(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    public static Process Start(params string[] arguments) => Start(new Dictionary<string, string>(), arguments);

    public static Process Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "kdmtl.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        foreach (var setting in new[] { "KDMTL_DATA", "KDMTL_PLUGINS", "KDMTL_DEVICE", "KDMTL_PARALLEL", "KDMTL_STEP_LIMIT_SECONDS", "KDMTL_MEMORY_LIMIT", "KDMTL_SILENCE_SECONDS" })
            start.Environment.Remove(setting);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
