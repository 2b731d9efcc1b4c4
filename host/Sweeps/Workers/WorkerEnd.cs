using System.Globalization;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Sweeps.Workers;

/// <summary>How a worker ended.</summary>
/// <param name="LastWord">What it has said of it; null where it died.</param>
/// <param name="How">Goes after its name.</param>
/// <param name="LastLines">Of its standard error.</param>
internal sealed record WorkerEnd(WorkerEvent? LastWord, string How, IReadOnlyList<string> LastLines)
{
    private const int Signalled = 128;
    private const int Killed = 9;
    private const int ShownLines = 3;
    private const int LongestLine = 300;

    private static readonly Dictionary<int, string> _signals = new()
    {
        [1] = "SIGHUP", [2] = "SIGINT", [4] = "SIGILL", [6] = "SIGABRT", [7] = "SIGBUS", [8] = "SIGFPE", [Killed] = "SIGKILL", [11] = "SIGSEGV", [15] = "SIGTERM",
    };

    /// <exception cref="InputException">It has refused what it was asked.</exception>
    /// <exception cref="StorageException">It cannot write records.</exception>
    public void ThrowWhatItSays()
    {
        switch (LastWord)
        {
            case { Kind: WorkerEventKind.Refused, Text: var text }:
                throw new InputException(text!);
            case { Kind: WorkerEventKind.Unwritable, Text: var text }:
                throw new StorageException(text!);
            case { Kind: WorkerEventKind.Faulty, Text: var text }:
                throw new InvalidOperationException(text);
        }
    }

    /// <summary><c>ended by SIGABRT: …</c></summary>
    /// <param name="exitCode">As a shell tells it: 128 and the signal.</param>
    /// <param name="lastLines">Of its standard error.</param>
    public static string Sentence(int exitCode, IReadOnlyCollection<string> lastLines)
    {
        var signal = exitCode - Signalled;
        var how = _signals.TryGetValue(signal, out var name) ? $"ended by {name}" : $"ended with exit code {exitCode.ToString(CultureInfo.InvariantCulture)}";
        if (signal == Killed)
            how += ", as where memory runs out";
        var words = lastLines.Select(line => line.Trim()).Where(line => line.Length > 0 && !IsPlace(line)).TakeLast(ShownLines).Select(Cut).ToList();
        return words.Count == 0 ? how : $"{how}: {string.Join(" | ", words)}";
    }

    /// <summary>A line of a stack trace says where, not what.</summary>
    private static bool IsPlace(string line) =>
        line.StartsWith("at ", StringComparison.Ordinal) || line.StartsWith("frame #", StringComparison.Ordinal) || line.StartsWith("---", StringComparison.Ordinal)
        || line.StartsWith("Repeat", StringComparison.Ordinal) || line.StartsWith("Exception raised from", StringComparison.Ordinal);

    private static string Cut(string line) => line.Length <= LongestLine ? line : line[..LongestLine] + "…";
}
