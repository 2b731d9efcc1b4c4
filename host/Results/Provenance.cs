using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KdMtlBench.Contracts;
using KdMtlBench.Host.Sweeps;
using TorchSharp;
using Device = TorchSharp.torch.Device;

namespace KdMtlBench.Host.Results;

/// <summary>Where and with what a run was made, for its record.</summary>
public static class Provenance
{
    private static readonly Lazy<IReadOnlyDictionary<string, string>> Machine = new(() => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["kdmtl"] = VersionOf(Assembly.GetExecutingAssembly()),
        ["host-sha256"] = FileSha256(Assembly.GetExecutingAssembly().Location),
        ["contracts-sha256"] = FileSha256(typeof(IBalancingStrategy).Assembly.Location),
        ["torchsharp"] = VersionOf(typeof(torch).Assembly),
        ["libtorch"] = torch.__version__,
        ["dotnet"] = Environment.Version.ToString(),
        ["os"] = RuntimeInformation.OSDescription,
        ["cpu"] = CpuName(),
        ["cores"] = Environment.ProcessorCount.ToString(),
        ["git-commit"] = Git("rev-parse HEAD") is { Length: > 0 } commit ? commit : "unknown",
        ["git-dirty"] = Git("status --porcelain --untracked-files=no -- host contracts plugins") is { } changes ? (changes.Length > 0).ToString() : "unknown",
    });

    /// <summary>Everything about a run that its spec does not say.</summary>
    public static IReadOnlyDictionary<string, string> Of(RunSpec spec, string dataSha256, Device device, int parallel)
    {
        var all = new SortedDictionary<string, string>(Machine.Value.ToDictionary(), StringComparer.Ordinal)
        {
            ["data-sha256"] = dataSha256,
            ["device"] = device.ToString(),
            ["parallel"] = parallel.ToString(),
        };
        foreach (var strategy in spec.Strategies)
            all[$"plugin-sha256.{strategy.Entry.Id}"] = strategy.Entry.FileSha256 ?? "built in";
        return all;
    }

    /// <summary>Whether a fact of <see cref="Of"/> may change a result; the others may only change what it costs.</summary>
    public static bool DeterminesResult(string fact) =>
        fact.Contains("sha256", StringComparison.Ordinal) || fact is "device" or "libtorch" or "torchsharp" or "cpu";

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private static string FileSha256(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    private static string CpuName() =>
        File.Exists("/proc/cpuinfo") && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name")) is { } line
            ? line.Split(':', 2)[1].Trim()
            : RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>What git prints in the checkout that holds the host; null where there is neither git nor a checkout.</summary>
    private static string? Git(string arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments)
            {
                WorkingDirectory = RepositoryRoot(),
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            var output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : null;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return null;
        }
    }

    private static string RepositoryRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "KdMtlBench.sln")))
                return folder;
        return Environment.CurrentDirectory;
    }
}
