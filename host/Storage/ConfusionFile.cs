using System.Globalization;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Storage;

/// <summary><c>confusion.csv</c>: a row a pair of classes that occurs.</summary>
internal static class ConfusionFile
{
    /// <summary>Writes atomically.</summary>
    public static void Write(string path, IReadOnlyList<ConfusionRecord> cells) => CsvFile.Write(
        path, ["task", "truth", "predicted", "count"], cells.Select(cell => (IReadOnlyList<string>)[cell.Task, Text(cell.Truth), Text(cell.Predicted), Text(cell.Count)]));

    /// <exception cref="InputException">The file is not such a one.</exception>
    public static IReadOnlyList<ConfusionRecord> Read(string path)
    {
        try
        {
            return [.. CsvFile.Read(path).Rows.Select(row => new ConfusionRecord(row[0], Number(row[1]), Number(row[2]), Number(row[3])))];
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or OverflowException)
        {
            throw new InputException($"{path} cannot be read ({e.Message}); delete it, or run the sweep again");
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
