using System.Globalization;
using KdMtlBench.Host.Storage;
using Spectre.Console;

namespace KdMtlBench.Host.Performance;

/// <summary>Step times of one benchmark and model, to read and to keep.</summary>
/// <param name="Title">Benchmark and model.</param>
/// <param name="Times">The floor first.</param>
internal sealed record PerformanceTable(string Title, IReadOnlyList<StepTime> Times)
{
    private static readonly string[] Columns = ["strategy", "ms a step", "to uniform", "to the floor"];

    public void Show(IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).Title(Markup.Escape(Title));
        foreach (var (column, i) in Columns.Select((column, i) => (column, i)))
            table.AddColumn(new Spectre.Console.TableColumn(column) { Alignment = i == 0 ? Justify.Left : Justify.Right, NoWrap = true });
        foreach (var row in Rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        console.Write(table);
    }

    public string Markdown()
    {
        var lines = new List<string> { $"## {Title}", "", $"| {string.Join(" | ", Columns)} |", "| --- | ---: | ---: | ---: |" };
        lines.AddRange(Rows.Select(row => $"| {string.Join(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |"));
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>Writes <c>perf.csv</c> (raw) and <c>perf.md</c> (rounded).</summary>
    public static void Write(string folder, IReadOnlyList<PerformanceTable> tables)
    {
        CsvFile.Write(
            Path.Combine(folder, "perf.csv"),
            ["setting", "strategy", "step_ms", "step_ms_least", "step_ms_most", "to_uniform", "to_uniform_least", "to_uniform_most", "to_floor", "to_floor_least", "to_floor_most"],
            tables.SelectMany(table => table.Times.Select(time => (IReadOnlyList<string>)
                [table.Title, time.Strategy, .. Raw(time.Milliseconds), .. Raw(time.ToUniform), .. Raw(time.ToFloor)])));
        AtomicFile.Write(Path.Combine(folder, "perf.md"), string.Join('\n', tables.Select(table => table.Markdown())));
    }

    private IEnumerable<string[]> Rows => Times.Select(time => new[]
    {
        time.Strategy, Text(time.Milliseconds, "0.00"), Text(time.ToUniform, "0.000"), Text(time.ToFloor, "0.000"),
    });

    private static IEnumerable<string> Raw(Spread? spread) =>
        new[] { spread?.Median, spread?.Least, spread?.Most }.Select(CsvFile.Text);

    private static string Text(Spread? spread, string format) => spread is null
        ? "–"
        : string.Create(CultureInfo.InvariantCulture, $"{spread.Median.ToString(format, CultureInfo.InvariantCulture)} ({spread.Least.ToString(format, CultureInfo.InvariantCulture)}–{spread.Most.ToString(format, CultureInfo.InvariantCulture)})");
}
