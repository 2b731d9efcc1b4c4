using System.Globalization;

namespace KdMtlBench.Host.Storage;

/// <summary>The file <c>.unfinished</c> in an output folder, from its first run until all are over: with it a leaderboard says that runs are missing,
/// whatever it was that ended the sweep.</summary>
internal static class UnfinishedMark
{
    private const string Name = ".unfinished";

    /// <param name="output">The output folder.</param>
    /// <param name="runs">Of the sweep; null where trials come before, and their number says little.</param>
    /// <param name="command">What goes on from there.</param>
    public static void Set(string output, int? runs, string command) =>
        AtomicFile.Write(Path.Combine(output, Name), $"{runs?.ToString(CultureInfo.InvariantCulture)}\n{command}\n");

    public static void Remove(string output) => File.Delete(Path.Combine(output, Name));

    /// <summary>A sentence for the leaderboard; null where the sweep has come to its end.</summary>
    /// <param name="output">The output folder.</param>
    /// <param name="records">That there are by now.</param>
    public static string? Sentence(string output, int records)
    {
        if (Read(output) is not { } mark)
            return null;
        var state = mark.Runs is null ? "its trials are not over" : $"{records} of {mark.Runs} runs are over";
        return $"This sweep is unfinished: {state}. `{mark.Command}` goes on from there.";
    }

    /// <summary>What was set; null where the sweep has come to its end.</summary>
    public static Content? Read(string output)
    {
        var mark = Path.Combine(output, Name);
        if (!File.Exists(mark) || File.ReadAllLines(mark) is not [var runs, var command, ..])
            return null;
        return new Content(int.TryParse(runs, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null, command);
    }

    /// <param name="Runs">Of the sweep; null where trials come before.</param>
    /// <param name="Command">What goes on from there.</param>
    internal sealed record Content(int? Runs, string Command);
}
