using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using Spectre.Console;

namespace KdMtlBench.Host.Reports;

/// <summary>A sweep's leaderboard, from its records to its files and the terminal.</summary>
public static class LeaderboardFiles
{
    /// <summary>Reads the records and writes <c>leaderboard.csv</c> and <c>leaderboard.md</c> beside them.</summary>
    /// <param name="output">The output folder.</param>
    /// <param name="title">One line for the head; may be empty.</param>
    /// <param name="rule">How the rows are judged.</param>
    /// <param name="console">Shown here as well.</param>
    /// <returns>False where the report is missing, which has then been said.</returns>
    public static bool WriteAndShow(string output, string title, DecisionRule rule, IAnsiConsole console)
    {
        var records = Records(output, console);
        var unfinished = UnfinishedMark.Sentence(output, records.Count);
        var complete = records.Count == 0
            || WriteAndShow(output, Leaderboard.Build(title, records, rule) with { Unfinished = unfinished }, records, console);
        if (unfinished is not null)
            console.MarkupLineInterpolated($"[yellow]{unfinished}[/]");
        return complete;
    }

    private static bool WriteAndShow(string output, Leaderboard leaderboard, IReadOnlyList<RunRecord> records, IAnsiConsole console)
    {
        LeaderboardCsv.Write(leaderboard, Path.Combine(output, "leaderboard.csv"));
        LeaderboardMarkdown.Write(leaderboard, Path.Combine(output, "leaderboard.md"));
        LeaderboardConsole.Write(leaderboard, console);
        var complete = Report(output, leaderboard, records, console);
        var others = complete ? ", leaderboard.md and report.html" : " and leaderboard.md";
        console.MarkupLineInterpolated($"Written: {Path.Combine(output, "leaderboard.csv")}{others}");
        return complete;
    }

    /// <summary>A sweep's records; those that cannot be read are said.</summary>
    internal static IReadOnlyList<RunRecord> Records(string output, IAnsiConsole console)
    {
        var (records, warnings) = new RunStore(output).ReadAll();
        foreach (var warning in warnings)
            console.MarkupLineInterpolated($"[yellow]{warning}[/]");
        return records;
    }

    /// <summary>The numbers are safe by now: whatever goes wrong with the pictures is said, and no more.</summary>
    private static bool Report(string output, Leaderboard leaderboard, IReadOnlyList<RunRecord> records, IAnsiConsole console)
    {
        try
        {
            ReportFiles.Write(output, leaderboard, records);
            return true;
        }
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            console.MarkupLineInterpolated($"[red]The report could not be made: {e.Message}. Once this is mended, `kdmtl report {output}` makes it.[/]");
            return false;
        }
    }
}
