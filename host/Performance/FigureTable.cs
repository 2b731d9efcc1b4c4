using KdMtlBench.Host.Storage;
using Spectre.Console;

namespace KdMtlBench.Host.Performance;

/// <summary>Figures to read and to keep: the first column is words, the others are numbers.</summary>
/// <param name="Title">Above the table.</param>
/// <param name="Columns">As they are read, with their units.</param>
/// <param name="Rows">Words, then numbers; a number that there is none of is NaN.</param>
internal sealed record FigureTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<(string Words,
    IReadOnlyList<double> Numbers)> Rows)
{
    /// <summary>How numbers are shown, <c>0.00</c> for example; the file has them in full.</summary>
    public string Format { get; init; } = "0.00";

    public void Show(IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).Title(Markup.Escape(Title));
        foreach (var (i, column) in Columns.Index())
            table.AddColumn(new Spectre.Console.TableColumn(column) { Alignment = i == 0 ? Justify.Left : Justify.Right });
        foreach (var (words, numbers) in Rows)
            table.AddRow([Markup.Escape(words), .. numbers.Select(number => double.IsNaN(number) ? "–" : number.ToString(Format))]);
        console.Write(table);
    }

    /// <summary>Writes tables of the same columns into one CSV file, raw.</summary>
    public static void Write(string path, IReadOnlyList<FigureTable> tables) => CsvFile.Write(
        path,
        ["setting", .. tables[0].Columns],
        tables.SelectMany(table => table.Rows.Select(row => (IReadOnlyList<string>)[table.Title, row.Words, .. row.Numbers.Select(number =>
            CsvFile.Text(number))])));
}
