using System.Globalization;
using KdMtlBench.Host.Storage;
using Spectre.Console;

namespace KdMtlBench.Host.Performance.Peers;

/// <summary>Step times here and in PyTorch, to read and to keep.</summary>
/// <param name="Title">Benchmark, model, threads and versions.</param>
/// <param name="Times">One a strategy.</param>
internal sealed record PeerTable(string Title, IReadOnlyList<PeerTime> Times)
{
    private static readonly string[] Columns =
    [
        "strategy", "ms a step", "PyTorch ms", "ratio", "bf16 ms", "bf16 ratio", "PyTorch channels-last ms", "ratio to that",
        "PyTorch bf16 ms", "bf16 to bf16", "losses differ by at most",
    ];

    public void Show(IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).Title(Markup.Escape(Title));
        foreach (var (column, i) in Columns.Select((column, i) => (column, i)))
            table.AddColumn(new Spectre.Console.TableColumn(column) { Alignment = i == 0 ? Justify.Left : Justify.Right });
        foreach (var row in Rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        console.Write(table);
    }

    public string Markdown() => string.Join('\n',
    [
        $"## {Title}", "", $"| {string.Join(" | ", Columns)} |", $"| --- {string.Concat(Columns.Skip(1).Select(_ => "| ---: "))}|",
        .. Rows.Select(row => $"| {string.Join(" | ", row)} |"), "",
    ]);

    /// <summary>Writes <c>peers.csv</c> (raw) and <c>peers.md</c> (rounded).</summary>
    public void Write(string folder)
    {
        string[] figures = ["step_ms", "bf16_ms", "pytorch_ms", "channels_last_ms", "ratio", "channels_last_ratio", "bf16_ratio",
            "pytorch_bf16_ms", "bf16_to_bf16"];
        CsvFile.Write(
            Path.Combine(folder, "peers.csv"),
            ["setting", "strategy", "loss_difference", .. figures.SelectMany(figure => new[] { figure, figure + "_least", figure + "_most" })],
            Times.Select(time => (IReadOnlyList<string>)
            [
                Title, time.Strategy, CsvFile.Text(time.LossDifference),
                .. new[] { time.Here, time.Bf16, time.PyTorch, time.ChannelsLast, time.Ratio, time.ChannelsLastRatio, time.Bf16Ratio,
                    time.PyTorchBf16, time.Bf16ToBf16 }
                    .SelectMany(spread => new[] { spread.Median, spread.Least, spread.Most }).Select(value => CsvFile.Text(value)),
            ]));
        AtomicFile.Write(Path.Combine(folder, "peers.md"), Markdown());
    }

    private IEnumerable<string[]> Rows => Times.Select(time => new[]
    {
        time.Strategy, Text(time.Here, "0.0"), Text(time.PyTorch, "0.0"), Text(time.Ratio, "0.00"), Text(time.Bf16, "0.0"),
            Text(time.Bf16Ratio, "0.00"),
        Text(time.ChannelsLast, "0.0"), Text(time.ChannelsLastRatio, "0.00"), Text(time.PyTorchBf16, "0.0"), Text(time.Bf16ToBf16, "0.00"),
        string.Create(CultureInfo.InvariantCulture, $"{time.LossDifference:0e+0}"),
    });

    private static string Text(Spread spread, string format)
    {
        var texts = new[] { spread.Median, spread.Least, spread.Most }.Select(value => value.ToString(format, CultureInfo.InvariantCulture)).ToArray();
        return $"{texts[0]} ({texts[1]}–{texts[2]})";
    }
}
