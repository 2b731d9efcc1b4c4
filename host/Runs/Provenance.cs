using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KdMtlBench.Host.Natives;
using TorchSharp;
using Device = TorchSharp.torch.Device;

namespace KdMtlBench.Host.Runs;

/// <summary>Where and with what a run was made, for its record.</summary>
public static class Provenance
{
    /// <summary>The fact that holds how the program was called.</summary>
    internal const string Command = "command";

    /// <summary>The fact that holds how many runs shared the machine.</summary>
    internal const string Parallel = "parallel";

    /// <summary>Before the id of a strategy, or of a benchmark or model that is a plugin: the fact that holds the hash of its file.</summary>
    internal const string PluginPrefix = "plugin-sha256.";

    private const string PackagePrefix = "package.";

    /// <summary>The arguments that the user gave, the program first; a worker is told those of the process that started it, before it asks for anything else here.</summary>
    internal static IReadOnlyList<string> CalledAs { get; set; } = Environment.GetCommandLineArgs();

    private static readonly Lazy<IReadOnlyDictionary<string, string>> Machine = new(() => new Dictionary<string, string>(Packages(), StringComparer.Ordinal)
    {
        [Command] = CommandLine(CalledAs, RepositoryRoot()),
        ["kdmtl"] = VersionOf(Assembly.GetExecutingAssembly()),
        ["host-sha256"] = FileSha256(Assembly.GetExecutingAssembly().Location),
        ["contracts-sha256"] = FileSha256(typeof(Strategy).Assembly.Location),
        ["torchsharp"] = VersionOf(typeof(torch).Assembly),
        ["libtorch"] = InstalledLibtorch.LoadedVersion ?? torch.__version__, // the latter is what TorchSharp is built for, a constant
        ["dotnet"] = Environment.Version.ToString(),
        ["os"] = RuntimeInformation.OSDescription,
        ["cpu"] = Processor,
        ["cpu-model"] = $"{CpuFact("cpu family")}-{CpuFact("model")}-{CpuFact("stepping")}", // clouds hide the name, not these
        ["cpu-features"] = CpuFeatures(), // machines of one model differ in what they show of these, and oneDNN's kernels and blocks with them
        ["cores"] = Environment.ProcessorCount.ToString(),
        ["git-commit"] = Git("rev-parse HEAD", RepositoryRoot()) is { Length: > 0 } commit ? commit : "unknown",
        ["git-dirty"] = GitDirty(RepositoryRoot()),
    });

    /// <summary>Calls the program again as it was called, but for <c>--fresh</c>, since what is finished is kept, and <c>--part</c>, as nobody else may be at it.</summary>
    internal static string SameCommand
    {
        get
        {
            string[] arguments = [.. CalledAs.Where(argument => argument is not ("--fresh" or "--part"))];
            var command = CommandLine(arguments, RepositoryRoot());
            var program = command.Split(' ')[0];
            return (File.Exists(Path.Combine(RepositoryRoot(), "run-bench.sh")) ? "./run-bench.sh" : program) + command[program.Length..];
        }
    }

    /// <summary>Whether something that is built differs from the commit: a change, or a file that git does not know, such as a plugin of one's own.</summary>
    internal static string GitDirty(string root) =>
        Git("status --porcelain --untracked-files=normal -- host contracts plugins", root) is { } changes ? (changes.Length > 0).ToString() : "unknown";

    /// <summary>Who works here, as commits tell; the account's name where git does not know.</summary>
    internal static string User => Git("config user.name", RepositoryRoot()) is { Length: > 0 } name ? name : Environment.UserName;

    /// <summary>Everything about a run that its spec does not say.</summary>
    public static IReadOnlyDictionary<string, string> Of(RunSpec spec, string dataSha256, Device device, int parallel)
    {
        var all = Of(device);
        all["data-sha256"] = dataSha256;
        all[Parallel] = parallel.ToString();
        foreach (var strategy in spec.Strategies)
            all[PluginPrefix + strategy.Entry.Id] = strategy.Entry.FileSha256 ?? "built in";
        foreach (var plugin in new[] { spec.Benchmark.Entry, spec.Model.Entry }.Where(entry => entry.FileSha256 is not null))
            all[$"{PluginPrefix}{plugin.Id}"] = plugin.FileSha256!;
        return all;
    }

    /// <summary>What is true of every run made by this program on this machine's device.</summary>
    public static SortedDictionary<string, string> Of(Device device)
    {
        var all = new SortedDictionary<string, string>(Machine.Value.ToDictionary(), StringComparer.Ordinal) { ["device"] = device.ToString() };
        if (device.type == DeviceType.CUDA)
            all["gpu"] = string.Join(", ", Gpus("/proc/driver/nvidia/gpus"));
        return all;
    }

    /// <summary>Whether a fact of <see cref="Of(RunSpec, string, Device, int)"/> may change a result; the others may only change what it costs.</summary>
    public static bool DeterminesResult(string fact) =>
        fact.Contains("sha256", StringComparison.Ordinal) || fact is "device" or "libtorch" or "torchsharp" or "cpu";

    /// <summary>As the processor calls itself.</summary>
    internal static string Processor => CpuFact("model name") ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private static string FileSha256(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    /// <summary>The first processor's caches, and a hash of its flags: <c>48K 32K 1024K 32768K 1f3870be274f</c>.</summary>
    private static string CpuFeatures()
    {
        const string caches = "/sys/devices/system/cpu/cpu0/cache";
        var sizes = Directory.Exists(caches)
            ? Directory.GetDirectories(caches, "index*").Order(StringComparer.Ordinal).Select(cache => Path.Combine(cache, "size")).Where(File.Exists).Select(file => File.ReadAllText(file).Trim())
            : [];
        return string.Join(' ', sizes.Append(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CpuFact("flags") ?? "")))[..12]));
    }

    /// <summary>A line of the first processor in Linux's /proc/cpuinfo; null where there is none.</summary>
    private static string? CpuFact(string name) => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").Select(line => line.Split(':', 2)).FirstOrDefault(line => line[0].Trim() == name)?[1].Trim()
        : null;

    /// <summary>Model names as NVIDIA's driver tells them, one a GPU.</summary>
    internal static IEnumerable<string> Gpus(string driverFolder) => !Directory.Exists(driverFolder) ? ["unknown"] :
        from gpu in Directory.GetDirectories(driverFolder).Order(StringComparer.Ordinal)
        from line in File.ReadLines(Path.Combine(gpu, "information"))
        where line.StartsWith("Model:")
        select line["Model:".Length..].Trim();

    /// <summary>The packages that the host itself asks for, as they were resolved when it was built; its dependency file says.</summary>
    private static Dictionary<string, string> Packages()
    {
        var file = Path.ChangeExtension(Assembly.GetExecutingAssembly().Location, ".deps.json");
        if (!File.Exists(file))
            return [];
        using var content = JsonDocument.Parse(File.ReadAllText(file));
        return content.RootElement.GetProperty("targets").EnumerateObject()
            .SelectMany(target => target.Value.EnumerateObject())
            .First(library => library.Name.StartsWith("kdmtl/"))
            .Value.GetProperty("dependencies").EnumerateObject()
            .Where(dependency => dependency.Name != typeof(Strategy).Assembly.GetName().Name)
            .ToDictionary(dependency => PackagePrefix + dependency.Name, dependency => dependency.Value.GetString()!);
    }

    /// <summary>The command as it would be typed in the checkout. Records are published: of a folder elsewhere only the name is told.</summary>
    internal static string CommandLine(IReadOnlyList<string> arguments, string root)
    {
        return string.Join(' ', arguments.Skip(1).Select(Argument).Prepend(Path.GetFileNameWithoutExtension(arguments[0])));

        string Argument(string argument)
        {
            if (argument.StartsWith("--") && argument.Split('=', 2) is [var option, var value])
                return $"{option}={Argument(value)}";
            var shown = string.Join(Path.PathSeparator, argument.Split(Path.PathSeparator).Select(Place));
            return shown.Contains(' ') ? $"\"{shown}\"" : shown;
        }

        string Place(string argument)
        {
            var relative = Path.IsPathRooted(argument) ? Path.GetRelativePath(root, argument) : argument;
            return relative.StartsWith("..") ? $"…/{Path.GetFileName(relative.TrimEnd('/'))}" : relative;
        }
    }

    /// <summary>What git prints in the checkout that holds the host; null where there is neither git nor a checkout.</summary>
    private static string? Git(string arguments, string root)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments)
            {
                WorkingDirectory = root,
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
