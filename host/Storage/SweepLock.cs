using System.Diagnostics;
using System.Globalization;

namespace KdMtlBench.Host.Storage;

/// <summary>Keeps a second process off an output folder while runs move in it, and finds out before anything starts whether it can be written to.</summary>
/// <remarks>The operating system lets go of <c>.lock</c> when its holder ends, however that may be; <c>.holder</c> says who it
/// is, and that it was not an orderly end where it is still there.</remarks>
internal sealed class SweepLock : IDisposable
{
    /// <summary>Its name; the file stays when nobody has it.</summary>
    public const string LockFile = ".lock";

    private const int WouldBlock = 11; // EWOULDBLOCK, which .NET leaves in HResult

    private static readonly TimeSpan _look = TimeSpan.FromSeconds(0.1);

    private readonly FileStream _file;
    private readonly string _holder;

    private SweepLock(FileStream file, string holder) => (_file, _holder) = (file, holder);

    /// <param name="output">The output folder.</param>
    /// <param name="tell">Told where an earlier process ended without letting go.</param>
    /// <param name="patience">How long to wait for another process.</param>
    /// <exception cref="InputException">Another process has it, which the message names, or the folder cannot be written to.</exception>
    public static SweepLock Take(string output, Action<string> tell, TimeSpan patience = default)
    {
        var waiting = Stopwatch.StartNew();
        SweepLock? taken;
        while ((taken = TryTake(output, tell)) is null && waiting.Elapsed < patience)
            Thread.Sleep(_look);
        var who = File.Exists(HolderIn(output)) ? File.ReadAllText(HolderIn(output)) : "a process that has just started";
        return taken ?? throw new InputException($"{output} is in use by {who}; wait for it to end, or stop it");
    }

    private static SweepLock? TryTake(string output, Action<string> tell)
    {
        var holder = HolderIn(output);
        FileStream? file = null;
        try
        {
            Directory.CreateDirectory(output);
            file = new FileStream(Path.Combine(output, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            if (File.Exists(holder))
                tell($"{output} is taken over from {File.ReadAllText(holder)}, which ended without letting go of it");
            AtomicFile.Write(holder, $"process {Environment.ProcessId} on {Environment.MachineName}, started {Started()}");
            return new SweepLock(file, holder);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new InputException($"nothing has been started, since {output} cannot be written to: {(e.InnerException ?? e).Message}");
        }
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_holder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // a folder that became read-only; the next process says that this one did not let go
        }

        _file.Dispose();
    }

    private static string HolderIn(string output) => Path.Combine(output, ".holder");

    private static string Started() =>
        Process.GetCurrentProcess().StartTime.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
