using System.Globalization;
using CsvHelper;

namespace KdMtlBench.Host.Storage;

/// <summary>CSV as every file of a sweep has it: comma, line feed, invariant culture, doubles that read back to the same bits.</summary>
internal static class CsvFile
{
    private static readonly CsvWriterOptions WriterOptions = new() { Separator = ',', NewLine = "\n" };

    private static readonly CsvReaderOptions ReaderOptions = new() { Separator = ',' };

    /// <summary>Writes atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">The header.</param>
    /// <param name="rows">One text a column.</param>
    public static void Write(string path, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows) =>
        AtomicFile.Write(path, stream =>
        {
            using var csv = CsvWriter.Create(stream, WriterOptions, leaveOpen: true);
            foreach (var row in rows.Prepend(columns))
                csv.WriteRecord(row.ToArray());
        });

    /// <summary>The header and the rows.</summary>
    public static (IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) Read(string path)
    {
        using var csv = CsvReader.FromFile(path, ReaderOptions);
        csv.ReadHeader();
        var rows = new List<IReadOnlyList<string>>();
        while (csv.Read())
            rows.Add(csv.Current.ToArray());
        return (csv.Headers, rows);
    }

    /// <summary>Shortest text that reads back to the same bits; empty for null.</summary>
    public static string Text(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    public static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
