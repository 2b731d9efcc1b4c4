using KdMtlBench.Host.Reports;
using Spectre.Console;

namespace KdMtlBench.Host.Results;

/// <summary>A sweep's leaderboard, from its records to its files and the terminal.</summary>
public static class LeaderboardFiles
{
    /// <summary>Reads the records and writes <c>leaderboard.csv</c> and <c>leaderboard.md</c> beside them.</summary>
    /// <param name="sweepFolder">results/&lt;name&gt;.</param>
    /// <param name="title">One line for the head; may be empty.</param>
    /// <param name="console">Shown here as well.</param>
    public static void WriteAndShow(string sweepFolder, string title, IAnsiConsole console)
    {
        var records = Records(sweepFolder, console);
        if (records.Count == 0)
            return;
        var leaderboard = Leaderboard.Build(title, records);
        LeaderboardCsv.Write(leaderboard, Path.Combine(sweepFolder, "leaderboard.csv"));
        LeaderboardMarkdown.Write(leaderboard, Path.Combine(sweepFolder, "leaderboard.md"));
        LeaderboardConsole.Write(leaderboard, console);
        var report = Report(sweepFolder, leaderboard, records, console) ? ", leaderboard.md and report.html" : " and leaderboard.md";
        console.MarkupLineInterpolated($"Written: {Path.Combine(sweepFolder, "leaderboard.csv")}{report}");
    }

    /// <summary>A sweep's records; those that cannot be read are said.</summary>
    internal static IReadOnlyList<RunRecord> Records(string sweepFolder, IAnsiConsole console)
    {
        var (records, warnings) = new RunStore(sweepFolder).ReadAll();
        foreach (var warning in warnings)
            console.MarkupLineInterpolated($"[yellow]{warning}[/]");
        return records;
    }

    /// <summary>The numbers are safe by now: whatever goes wrong with the pictures is said, and no more.</summary>
    private static bool Report(string sweepFolder, Leaderboard leaderboard, IReadOnlyList<RunRecord> records, IAnsiConsole console)
    {
        try
        {
            ReportFiles.Write(sweepFolder, leaderboard, records);
            return true;
        }
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            console.MarkupLineInterpolated($"[yellow]The report could not be made: {e.Message}[/]");
            return false;
        }
    }
}
