using System.Text;

namespace KdMtlBench.Host.Results;

/// <summary><c>leaderboard.md</c>: rounded, with units and directions; columns are padded, so that the source reads well too.</summary>
public static class LeaderboardMarkdown
{
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
        Items(text, LeaderboardText.Constants(leaderboard).Select(constant => $"**{constant.Subject}**: {constant.Facts}"));
        Items(text, leaderboard.Notes);
        foreach (var group in leaderboard.Groups)
            Group(text, group, includeTimes);
        text.Append("## How to read this\n\n");
        Items(text, LeaderboardText.Legend("**bold**"));
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void Group(StringBuilder text, LeaderboardGroup group, bool includeTimes)
    {
        text.Append($"## {LeaderboardText.Heading(group)}\n\n");
        Table(text, LeaderboardTable.Quality(group));
        Table(text, LeaderboardTable.Cost(group, includeTimes));
        Items(text, group.Notes);
        if (group.Failures.Count > 0)
            text.Append("### Failed runs\n\n");
        Items(text, group.Failures.Select(LeaderboardText.Failure));
    }

    private static void Items(StringBuilder text, IEnumerable<string> items)
    {
        var lines = items.Select(item => $"* {item.ReplaceLineEndings(" ")}\n").ToList();
        if (lines.Count > 0)
            text.AppendJoin("", lines).Append('\n');
    }

    private static void Table(StringBuilder text, LeaderboardTable table)
    {
        var rows = table.Rows.Select(row => row.Select(Cell)).Prepend(table.Columns.Select(column => column.FullName)).Select(row => row.ToArray()).ToList();
        var widths = table.Columns.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
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
