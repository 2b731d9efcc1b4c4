using System.Globalization;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Storage;

/// <summary><c>conflict.csv</c>: one row an epoch, one column a pair of tasks; only where the sweep was run with <c>--conflict</c>.</summary>
internal static class ConflictFile
{
    /// <summary>Rewrites the whole file, atomically.</summary>
    public static void Write(string path, IReadOnlyList<ConflictRecord> epochs) => CsvFile.Write(
        path,
        ["epoch", .. epochs[0].Cosines.Keys],
        epochs.Select(epoch => (IReadOnlyList<string>)[epoch.Epoch.ToString(CultureInfo.InvariantCulture), .. epoch.Cosines.Values.Select(cosine => CsvFile.Text(cosine))]));

    /// <exception cref="InputException">The file is not such a one.</exception>
    public static IReadOnlyList<ConflictRecord> Read(string path)
    {
        try
        {
            var (columns, rows) = CsvFile.Read(path);
            return [.. rows.Select(row => new ConflictRecord(
                int.Parse(row[0], CultureInfo.InvariantCulture),
                columns.Zip(row).Skip(1).ToDictionary(field => field.First, field => CsvFile.Number(field.Second), StringComparer.Ordinal)))];
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new InputException($"{path} cannot be read ({e.Message}); delete it, or run the sweep again with --conflict");
        }
    }
}
