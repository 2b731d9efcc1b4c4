using System.Globalization;

namespace KdMtlBench.Host.Storage.Sharing;

/// <summary>A process that has a part in a sweep.</summary>
/// <param name="Token">No other process has it.</param>
/// <param name="Process">Its number.</param>
/// <param name="Machine">As people call it.</param>
/// <param name="Kernel">Where process numbers mean the same: one start of one kernel, one namespace; empty where that cannot be found out.</param>
/// <param name="StartTicks">The kernel's clock when the process started, as numbers of processes come again.</param>
/// <param name="Started">When that was, for people.</param>
public sealed record Holder(string Token, int Process, string Machine, string Kernel, long StartTicks, string Started)
{
    private const int StartTimeField = 21;

    private static readonly string _kernel = KernelHere();

    /// <summary>This process, under a new token.</summary>
    public static Holder New()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        var started = process.StartTime.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        return new Holder(Guid.NewGuid().ToString("N"), process.Id, Environment.MachineName, _kernel, StartOf(process.Id) ?? 0, started);
    }

    /// <summary>Whether the process has certainly ended; false where only time can tell.</summary>
    public bool HasEnded => Kernel.Length > 0 && Kernel == _kernel && StartOf(Process) != StartTicks;

    public override string ToString() => $"process {Process} on {Machine}, started {Started}";

    /// <summary>Null where there is no such process, or nothing of it is left but its exit code.</summary>
    private static long? StartOf(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' '); // the name before may hold anything; fields 1 and 2 are gone
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[StartTimeField - 2], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string KernelHere()
    {
        try
        {
            return $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {new FileInfo("/proc/self/ns/pid").LinkTarget}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
