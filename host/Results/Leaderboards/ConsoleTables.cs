using Spectre.Console;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>Tables on a terminal, or as plain text where there is none.</summary>
internal static class ConsoleTables
{
    private const int WidthWithoutTerminal = 160; // a file or a pipe has no width of its own
    private const int ColumnFrame = 4; // a space on either side, a border, and the best value's mark

    /// <summary>To be called first: what is no terminal gets a width.</summary>
    public static void SetWidth(IAnsiConsole console)
    {
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = WidthWithoutTerminal;
    }

    /// <summary>A table that is wider than the console is split; every part has the first column.</summary>
    public static void Write(LeaderboardTable table, IAnsiConsole console)
    {
        foreach (var columns in Parts(table, console.Profile.Width))
            console.Write(Render(table, columns, HasColors(console) ? "" : "*"));
    }

    /// <summary>Whether the best value can be told by its colour.</summary>
    public static bool HasColors(IAnsiConsole console) => console.Profile.Capabilities.ColorSystem != ColorSystem.NoColors;

    /// <summary>As they are.</summary>
    public static void Lines(IAnsiConsole console, IEnumerable<string> lines)
    {
        foreach (var line in lines)
            console.WriteLine(line);
    }

    /// <summary>Columns of each part: the strategy's, then as many as fit, at least one.</summary>
    private static IEnumerable<IReadOnlyList<int>> Parts(LeaderboardTable table, int width)
    {
        var part = new List<int> { 0 };
        var used = ColumnWidth(table, 0) + 1;
        foreach (var column in Enumerable.Range(1, table.Columns.Count - 1))
        {
            if (part.Count > 1 && used + ColumnWidth(table, column) > width)
            {
                yield return part;
                part = [0];
                used = ColumnWidth(table, 0) + 1;
            }

            part.Add(column);
            used += ColumnWidth(table, column);
        }

        yield return part;
    }

    private static int ColumnWidth(LeaderboardTable table, int column)
    {
        var head = table.Columns[column];
        return ColumnFrame + table.Rows.Select(row => row[column].Text.Length).Append(head.Task.Length).Append(head.NameWithDirection.Length).Max();
    }

    private static Table Render(LeaderboardTable table, IReadOnlyList<int> columns, string bestMark)
    {
        var rendered = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
        {
            var head = table.Columns[column];
            var text = head.Task.Length == 0 ? head.NameWithDirection : $"{head.Task}\n{head.NameWithDirection}";
            var cells = new Spectre.Console.TableColumn(Markup.FromInterpolated($"{text}"));
            rendered.AddColumn(column == 0 ? cells : cells.RightAligned().NoWrap());
        }

        foreach (var row in table.Rows)
            rendered.AddRow(columns.Select(column => Cell(row[column], bestMark)));
        return rendered;
    }

    private static Markup Cell(TableCell cell, string bestMark) => cell.IsBest
        ? Markup.FromInterpolated($"[bold green]{cell.Text}{bestMark}[/]")
        : Markup.FromInterpolated($"{cell.Text}");
}
