using System.Text;
using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary><c>leaderboard.md</c>: rounded, with units and directions; columns are padded, so that the source reads well too.</summary>
public static class LeaderboardMarkdown
{
    private const int NarrowestColumn = 3; // the line under the head holds at least -:

    /// <summary>Writes atomically.</summary>
    /// <param name="leaderboard">What is shown.</param>
    /// <param name="path">The file.</param>
    /// <param name="includeTimes">False leaves out times and memory, as <see cref="LeaderboardCsv.Write"/> does.</param>
    public static void Write(Leaderboard leaderboard, string path, bool includeTimes = true) =>
        AtomicFile.Write(path, Text(leaderboard, includeTimes));

    /// <summary>The document.</summary>
    public static string Text(Leaderboard leaderboard, bool includeTimes = true)
    {
        var text = new StringBuilder();
        text.Append($"# {LeaderboardText.Title(leaderboard)}\n\n");
        if (leaderboard.Unfinished is { } unfinished)
            text.Append($"**{unfinished}**\n\n");
        Constants(text, leaderboard.Constants, includeTimes);
        foreach (var group in leaderboard.Groups)
            Group(text, group, includeTimes);
        if (leaderboard.Ranking is { } ranking)
            Ranking(text, ranking);
        text.Append("## How to read this\n\n");
        Items(text, LeaderboardText.Legend("**bold**"));
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void Group(StringBuilder text, LeaderboardGroup group, bool includeTimes)
    {
        text.Append($"## {LeaderboardText.Heading(group)}\n\n");
        Constants(text, group.Constants, includeTimes);
        Items(text, VerdictText.Sentences(group));
        Table(text, LeaderboardTable.Quality(group));
        if (LeaderboardTable.Verdicts(group) is { } verdicts)
            Table(text, verdicts);
        Table(text, LeaderboardTable.Cost(group, includeTimes));
        Items(text, LeaderboardText.Ranking(group.Ranking).Concat(group.Notes));
        if (group.Failures.Count > 0)
            text.Append("### Failed runs\n\n");
        Items(text, group.Failures.Select(LeaderboardText.Failure));
    }

    private static void Ranking(StringBuilder text, BlockRanking ranking)
    {
        if (LeaderboardTable.Places(ranking) is not { } places)
            return;
        text.Append($"## {LeaderboardText.AllGroupsHeading}\n\n");
        Table(text, places);
        Items(text, LeaderboardText.Ranking(ranking));
    }

    private static void Constants(StringBuilder text, IReadOnlyDictionary<string, string> constants, bool includeTimes) =>
        Items(text, LeaderboardText.Constants(constants, includeTimes).Select(constant => $"**{constant.Subject}**: {constant.Facts}"));

    private static void Items(StringBuilder text, IEnumerable<string> items)
    {
        var lines = items.Select(item => $"* {item.ReplaceLineEndings(" ")}\n").ToList();
        if (lines.Count > 0)
            text.AppendJoin("", lines).Append('\n');
    }

    private static void Table(StringBuilder text, LeaderboardTable table)
    {
        var rows = table.Rows.Select(row => row.Select(Cell)).Prepend(table.Columns.Select(column => column.FullName)).Select(row => row.ToArray()).ToList();
        var widths = table.Columns.Select((_, column) => Math.Max(NarrowestColumn, rows.Max(row => row[column].Length))).ToArray();
        Line(text, Pad(rows[0], widths));
        Line(text, widths.Select((width, column) => column == 0 ? new string('-', width) : new string('-', width - 1) + ":"));
        foreach (var row in rows.Skip(1))
            Line(text, Pad(row, widths));
        text.Append('\n');
    }

    private static string Cell(TableCell cell)
    {
        var escaped = cell.Text.Replace("|", "\\|");
        return cell.IsBest ? $"**{escaped}**" : escaped;
    }

    private static IEnumerable<string> Pad(string[] cells, int[] widths) =>
        cells.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));

    private static void Line(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
