using System.Diagnostics;
using System.Globalization;

namespace KdMtlBench.Host.Runs;

/// <summary>What NVIDIA's tool says of the GPUs; TorchSharp has no memory statistics.</summary>
internal static class NvidiaSmi
{
    /// <summary>A line a GPU; null where there is no such tool, or it finds none.</summary>
    /// <param name="fields">As <c>nvidia-smi --help-query-gpu</c> names them.</param>
    public static string? Query(string fields)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("nvidia-smi", [$"--query-gpu={fields}", "--format=csv,noheader,nounits"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
            })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            _ = error.Result;
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // there is none
        }
    }

    /// <summary>Of the first GPU, by all processes, in MiB; NaN where it is not told.</summary>
    public static double UsedMebibytes() =>
        double.TryParse(Query("memory.used")?.Split('\n')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var used) ? used
            : double.NaN;
}
