using System.Runtime.InteropServices;
using KdMtlBench.Host.Natives;
using KdMtlBench.Host.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Commands.Doctor;

/// <summary>Which libtorch is loaded, whether it fits, and what it computes on.</summary>
internal static class LibtorchFindings
{
    private const int Named = 20;

    /// <param name="folder">What <see cref="InstalledLibtorch.Variable"/> says.</param>
    /// <param name="program">Where this program is.</param>
    /// <param name="callers">The assemblies that use TorchSharp.</param>
    /// <param name="device">The device that runs are to be made on: cpu, cuda or auto.</param>
    public static IEnumerable<Finding> Of(string? folder, string program, IEnumerable<string> callers, string device)
    {
        var findings = new List<Finding>();
        var place = string.IsNullOrEmpty(folder) ? program : folder;
        IReadOnlyList<IntPtr> libraries;
        LibtorchFit fit;
        try
        {
            libraries = InstalledLibtorch.Open(place);
            if (libraries.Count > 0)
                findings.Add(Version(folder, program));
            InstalledLibtorch.Check(folder, program);
            fit = LibtorchFit.Of(program, callers, LibtorchFit.In(libraries));
        }
        catch (InputException e)
        {
            return [.. findings, Finding.Missing("libtorch", e.Message, "set this right; nothing that needs libtorch was looked at")];
        }

        findings.AddRange(Fit(fit, program));
        if (findings.TrueForAll(finding => finding.State != FindingState.Missing))
        {
            TorchLog.ObeyEnvironment();
            findings.AddRange(Devices(device));
        }

        return findings;
    }

    private static Finding Version(string? folder, string program)
    {
        if (string.IsNullOrEmpty(folder))
            return Finding.Good("libtorch", $"this build's own, {__version__}, in {program}");
        var version = InstalledLibtorch.VersionOf(folder);
        var found = $"{version ?? "of a version that is not written down"}, in {folder} ({InstalledLibtorch.Variable})";
        return InstalledLibtorch.IsBuiltFor(version)
            ? Finding.Good("libtorch", found)
            : Finding.Note("libtorch", found,
                $"TorchSharp is built for {InstalledLibtorch.Version}: compare losses by `kdmtl peers --losses`, or install that version");
    }

    internal static IEnumerable<Finding> Fit(LibtorchFit fit, string program)
    {
        const string subject = "entry points";
        var advice = $"install torch=={InstalledLibtorch.Version}.*, or compile TorchSharp's native library for this libtorch";
        if (fit.Fits)
            yield return Finding.Good(subject, fit.Summary);
        else
            yield return Finding.Missing(subject, fit.Summary, advice);
        foreach (var name in fit.NotOffered.Take(Named))
            yield return Finding.Missing(subject, $"{name} is not in TorchSharp's native library",
                "build again: TorchSharp.dll and its native library are of two versions");
        foreach (var name in fit.MissingAtLoad.Take(Named))
            yield return new Finding(FindingState.Missing, subject, $"{name}, without which TorchSharp's native library cannot be loaded");
        foreach (var (name, function) in fit.MissingInCalls.Take(Named))
            yield return new Finding(FindingState.Missing, subject, $"{name}, which {function} calls");
        if (fit.MissingElsewhere.Count > 0)
        {
            var some = string.Join(' ', fit.MissingElsewhere.Take(3)) + (fit.MissingElsewhere.Count > 3 ? " …" : "");
            yield return Finding.Note(subject, $"{fit.MissingElsewhere.Count} more are missing that nothing here calls: {some}");
        }

        if (fit.Fits && Unloadable(program) is { } reason)
            yield return Finding.Missing("TorchSharp", reason,
                "build on this machine, or on one whose libstdc++ is not newer than this one's");
    }

    private static string? Unloadable(string program)
    {
        try
        {
            NativeLibrary.Load(Path.Combine(program, "libLibTorchSharp.so"));
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return e.Message.Split('\n')[0];
        }
    }

    private static IEnumerable<Finding> Devices(string wanted)
    {
        set_num_threads(Environment.ProcessorCount);
        yield return Computes(CPU, $"{get_num_threads()} threads");
        if (cuda.is_available())
        {
            foreach (var index in Enumerable.Range(0, cuda.device_count()))
                yield return Computes(new Device(DeviceType.CUDA, index),
                    Provenance.Gpus("/proc/driver/nvidia/gpus").ElementAtOrDefault(index) ?? "a GPU");
            if (NvidiaSmi.Query("index,driver_version,memory.used,memory.total,compute_mode") is { } gpus)
                yield return Finding.Good("cuda", $"number, driver, MiB used, MiB in all, mode: {gpus.ReplaceLineEndings("; ")}");
        }
        else if (wanted == "cuda")
            yield return Finding.Missing("cuda", "this libtorch sees no GPU",
                "nvidia-smi must show one, and libtorch_cuda.so must be in libtorch's folder; or take --device cpu");
        else
            yield return Finding.Note("cuda", "this libtorch sees no GPU: runs are made on the processor");
    }

    /// <summary>Whether a small product comes out on a device.</summary>
    private static Finding Computes(Device device, string what)
    {
        try
        {
            using var scope = NewDisposeScope();
            var product = ones(8, 8, device: device).matmul(ones(8, 8, device: device)).sum().item<float>();
            return product == 512
                ? Finding.Good(device.ToString(), $"{what}; a product of matrices comes out right")
                : Finding.Missing(device.ToString(), $"{what}; a product of matrices gives {product} instead of 512",
                    "test the memory and the driver");
        }
        catch (ExternalException e)
        {
            return Finding.Missing(device.ToString(), $"{what}; {e.Message.Split('\n')[0]}",
                "the driver must be as new as the CUDA that this libtorch is built for");
        }
    }
}
