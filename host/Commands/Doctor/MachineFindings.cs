using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Commands.Doctor;

/// <summary>The program, the machine, and what has to be said before the process starts.</summary>
internal static class MachineFindings
{
    private const string Mebibytes = "0";

    private static readonly string[] _others =
        ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "ATEN_CPU_CAPABILITY", "LD_LIBRARY_PATH", "LD_PRELOAD", "CUDA_VISIBLE_DEVICES",
            "CUDA_LAUNCH_BLOCKING"];

    public static IEnumerable<Finding> Of(IReadOnlyDictionary<string, string> environment)
    {
        var version = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        var place = Application.Checkout() is { } root ? $"of the checkout {root}" : "published";
        yield return Finding.Good("kdmtl", $"{version}, {place}; .NET {Environment.Version}");
        yield return Finding.Good("system", $"{Os()}, Linux {Environment.OSVersion.Version}, {RuntimeInformation.ProcessArchitecture}");
        yield return Finding.Good("processor", $"{Provenance.Processor}, {Environment.ProcessorCount} cores for this process");
        yield return Memory();
        foreach (var finding in Environments(environment))
            yield return finding;
    }

    /// <summary>What host/environment.sh sets, and whatever else changes how libtorch or this program behaves.</summary>
    internal static IEnumerable<Finding> Environments(IReadOnlyDictionary<string, string> environment)
    {
        string[][] set = [["GLIBC_TUNABLES"], ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"], ["TORCH_CPP_LOG_LEVEL"]];
        foreach (var names in set)
        {
            foreach (var name in names.Where(environment.ContainsKey))
                yield return Finding.Good("environment", $"{name}={environment[name]}");
            if (!names.Any(environment.ContainsKey))
                yield return Finding.Note("environment", $"{names[0]} is not set",
                    "start by ./run-bench.sh, or source environment.sh first: steps are slower without, results the same");
        }

        var ours = environment.Keys.Where(name => name.StartsWith("KDMTL_")).Order(StringComparer.Ordinal);
        foreach (var name in ours.Concat(_others.Where(environment.ContainsKey)))
            yield return Finding.Good("environment", $"{name}={environment[name]}");
    }

    private static Finding Memory()
    {
        const double mebi = 1 << 20;
        const double enough = 2048;
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / mebi;
        var available = Math.Min(limit, Available() ?? limit);
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{available.ToString(Mebibytes)} MiB available of {limit.ToString(Mebibytes)} MiB");
        return available >= enough
            ? Finding.Good("memory", text)
            : Finding.Note("memory", text, "end other programs, or make fewer runs at once: --parallel 1");
    }

    private static double? Available() => File.Exists("/proc/meminfo")
        && File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith("MemAvailable:")) is { } line
            ? double.Parse(line["MemAvailable:".Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture) / 1024
            : null;

    private static string Os() => File.Exists("/etc/os-release")
        && File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("PRETTY_NAME=")) is { } line
            ? line["PRETTY_NAME=".Length..].Trim('"')
            : "an unknown distribution";
}
