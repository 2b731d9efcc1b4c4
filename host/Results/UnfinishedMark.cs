using System.Globalization;

namespace KdMtlBench.Host.Results;

/// <summary>The file <c>.unfinished</c> in a sweep's folder, from its first run until all are over: with it a leaderboard says that runs are missing,
/// whatever it was that ended the sweep.</summary>
internal static class UnfinishedMark
{
    private const string Name = ".unfinished";

    /// <param name="sweepFolder">results/&lt;name&gt;.</param>
    /// <param name="runs">Of the sweep; null where trials come before, and their number says little.</param>
    /// <param name="command">What goes on from there.</param>
    public static void Set(string sweepFolder, int? runs, string command) =>
        AtomicFile.Write(Path.Combine(sweepFolder, Name), $"{runs?.ToString(CultureInfo.InvariantCulture)}\n{command}\n");

    public static void Remove(string sweepFolder) => File.Delete(Path.Combine(sweepFolder, Name));

    /// <summary>A sentence for the leaderboard; null where the sweep has come to its end.</summary>
    /// <param name="sweepFolder">results/&lt;name&gt;.</param>
    /// <param name="records">That there are by now.</param>
    public static string? Sentence(string sweepFolder, int records)
    {
        var mark = Path.Combine(sweepFolder, Name);
        if (!File.Exists(mark) || File.ReadAllLines(mark) is not [var runs, var command, ..])
            return null;
        var state = runs.Length == 0 ? "its trials are not over" : $"{records} of {runs} runs are over";
        return $"This sweep is unfinished: {state}. `{command}` goes on from there.";
    }
}
