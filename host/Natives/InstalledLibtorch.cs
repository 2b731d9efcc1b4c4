using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace KdMtlBench.Host.Natives;

/// <summary>A libtorch that is installed already, such as PyTorch's, in place of a downloaded one: for builds with
/// <c>-p:TorchBackend=installed</c>, which bring none.</summary>
/// <remarks>Its libraries are loaded from where they are, before TorchSharp asks for them: they find those for CUDA from their
/// own place. A library that asks for libtorch.so afterwards gets the one that is loaded.</remarks>
internal static partial class InstalledLibtorch
{
    /// <summary>Names the folder: <c>…/torch/lib</c>.</summary>
    public const string Variable = "KDMTL_LIBTORCH";

    /// <summary>What this TorchSharp is built for.</summary>
    internal const string Version = "2.10";

    private static readonly string[] _needed = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    private static readonly string[] _inOrder = ["libc10.so", "libc10_cuda.so", "libtorch_cpu.so", "libtorch_cuda.so", "libtorch.so"];

    /// <summary>Of the libtorch that this program loaded from elsewhere; null where it is the build's own or is not written down.</summary>
    public static string? LoadedVersion { get; set; }

    /// <summary>Loads the libraries; nothing in a build that brings its own.</summary>
    /// <param name="folder">What <see cref="Variable"/> says.</param>
    /// <param name="program">Where this program is.</param>
    /// <param name="callers">The assemblies that use TorchSharp.</param>
    /// <returns>Its version where that is written down, and a warning where it is another one and nothing that is called is
    /// missing.</returns>
    /// <exception cref="InputException">There is none, it lacks something that is called, or it is one too many.</exception>
    public static (string? Version, string? Warning) Load(string? folder, string program, IEnumerable<string> callers)
    {
        Check(folder, program);
        if (string.IsNullOrEmpty(folder))
            return (null, null);
        var libraries = Open(folder);
        var version = VersionOf(folder);
        if (IsBuiltFor(version))
            return (version, null);
        var which = version ?? "of an unknown version";
        var named = $"{Variable} is {folder}, which is libtorch {which}; this TorchSharp is built for {Version}";
        var fit = LibtorchFit.Of(program, callers, LibtorchFit.In(libraries));
        if (!fit.Fits)
            throw new InputException($"{named}: {fit.Summary}; `kdmtl doctor` names them. Install torch=={Version}.*");
        return (version, version is null ? null : $"{named}. All that is called is there by name; `kdmtl peers --losses` compares what comes out");
    }

    /// <summary>Loads the libraries of a folder, those for CUDA too where it has them.</summary>
    /// <exception cref="InputException">One cannot be loaded.</exception>
    public static IReadOnlyList<IntPtr> Open(string folder)
    {
        var libraries = new List<IntPtr>();
        foreach (var library in _inOrder.Select(name => Path.Combine(folder, name)).Where(File.Exists))
        {
            try
            {
                libraries.Add(NativeLibrary.Load(library));
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                throw new InputException($"{library} cannot be loaded: {e.Message.Split('\n')[0]}");
            }
        }

        return libraries;
    }

    /// <summary>Whether this TorchSharp is built for that version.</summary>
    internal static bool IsBuiltFor(string? version) => version?.StartsWith(Version + ".", StringComparison.Ordinal) == true;

    /// <summary>Everything that can be said without loading.</summary>
    /// <exception cref="InputException">As for <see cref="Load"/>.</exception>
    internal static void Check(string? folder, string program)
    {
        var bringsOne = File.Exists(Path.Combine(program, "libtorch_cpu.so"));
        if (string.IsNullOrEmpty(folder))
        {
            if (!bringsOne)
                throw new InputException($"this build brings no libtorch: let {Variable} name the folder of an installed one (python3 -c \"import torch, os; print(os.path.join(os.path.dirname(torch.__file__), 'lib'))\"), or build without -p:TorchBackend=installed");
            return;
        }

        if (bringsOne)
            throw new InputException($"{Variable} is {folder}, but this build brings its own libtorch, and a process takes only one: build with -p:TorchBackend=installed, or leave {Variable} out");
        if (_needed.Where(name => !File.Exists(Path.Combine(folder, name))).ToList() is { Count: > 0 } missing)
            throw new InputException($"{Variable} is {folder}, which is without {string.Join(", ", missing)}; it must name the folder `lib` of libtorch or of PyTorch");
        if (VersionOf(folder) is { } version && version.Split('.')[0] != Version.Split('.')[0])
            throw new InputException($"{Variable} is {folder}, which is libtorch {version}; this TorchSharp is built for {Version}: install torch=={Version}.*");
    }

    /// <summary>As PyTorch or libtorch's zip writes it down beside the folder; null where it is not written.</summary>
    internal static string? VersionOf(string folder)
    {
        foreach (var name in new[] { "../version.py", "../build-version" })
        {
            var file = Path.Combine(folder, name);
            if (File.Exists(file) && Number().Match(File.ReadAllText(file)) is { Success: true } number)
                return number.Value;
        }

        return null;
    }

    [GeneratedRegex(@"\d+\.\d+\.\d+[^\s'""]*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number();
}
