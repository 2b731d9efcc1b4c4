using System.Text;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>Tables and lists in Markdown; columns are padded, so that the source reads well too.</summary>
internal static class MarkdownText
{
    private const int NarrowestColumn = 3; // the line under the head holds at least -:

    /// <summary>One a line; nothing for none.</summary>
    public static void Items(StringBuilder text, IEnumerable<string> items)
    {
        var lines = items.Select(item => $"* {item.ReplaceLineEndings(" ")}\n").ToList();
        if (lines.Count > 0)
            text.AppendJoin("", lines).Append('\n');
    }

    /// <summary>With an empty line after it.</summary>
    public static void Table(StringBuilder text, LeaderboardTable table)
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
