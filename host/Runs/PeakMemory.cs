namespace KdMtlBench.Host.Runs;

/// <summary>Largest resident memory of this process since the last reset, from Linux's /proc.</summary>
public static class PeakMemory
{
    /// <summary>Starts anew, where the kernel allows it.</summary>
    public static void Reset()
    {
        try
        {
            const string resetPeak = "5";
            File.WriteAllText("/proc/self/clear_refs", resetPeak);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // then the peak is that of the whole process
        }
    }

    /// <summary>In MiB; NaN where it cannot be read.</summary>
    public static double Mebibytes() => Read("VmHWM:");

    /// <summary>What is resident now, in MiB; NaN where it cannot be read.</summary>
    public static double ResidentMebibytes() => Read("VmRSS:");

    private static double Read(string name)
    {
        const string file = "/proc/self/status";
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name)) : null;
        return line is null ? double.NaN : double.Parse(line[name.Length..].Replace("kB", "").Trim()) / 1024;
    }
}
