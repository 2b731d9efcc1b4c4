using System.Globalization;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Storage;

/// <summary><c>curve.csv</c>: one row an epoch.</summary>
/// <remarks>Tasks and metrics stand in ordinal order of their names, so that equal values give equal bytes wherever the
/// dictionaries came from. Where several strategies stand in a list, each has its weights: <c>uncertainty.depth.weight</c>.
/// A value that an epoch does not have is an empty field.</remarks>
public static class CurveFile
{
    private const string TrainLoss = ".train-loss";
    private const string Weight = ".weight";
    private const string ValidationLoss = ".validation-loss";

    /// <summary>Rewrites the whole file, atomically.</summary>
    public static void Write(string path, IReadOnlyList<EpochRecord> epochs)
    {
        var tasks = Keys(epochs, epoch => epoch.TrainLosses);
        var lists = Keys(epochs, epoch => epoch.Weights).Except(tasks).ToArray();
        var metrics = Keys(epochs, epoch => epoch.Validation);
        var perTask = tasks.SelectMany(task => lists.Length == 0 ? new[] { task + TrainLoss, task + Weight, task + ValidationLoss } : [task + TrainLoss, task + ValidationLoss]);
        CsvFile.Write(
            path,
            ["epoch", .. perTask, .. lists.Select(key => key + Weight), .. metrics],
            epochs.Select(epoch => Row(epoch, tasks, lists, metrics)));
    }

    /// <exception cref="InputException">The file is not a curve.</exception>
    public static IReadOnlyList<EpochRecord> Read(string path)
    {
        try
        {
            var (columns, rows) = CsvFile.Read(path);
            return [.. rows.Select(row => Epoch(columns, row))];
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new InputException($"{path} is not a readable curve ({e.Message}); delete it, or run the sweep again");
        }
    }

    private static string[] Keys(IReadOnlyList<EpochRecord> epochs, Func<EpochRecord, IReadOnlyDictionary<string, double>> values) =>
        [.. epochs.SelectMany(epoch => values(epoch).Keys).Distinct().Order(StringComparer.Ordinal)];

    private static string[] Row(EpochRecord epoch, string[] tasks, string[] lists, string[] metrics)
    {
        var perTask = tasks.SelectMany(task => lists.Length == 0
            ? new[] { Text(epoch.TrainLosses, task), Text(epoch.Weights, task), Text(epoch.ValidationLosses, task) }
            : [Text(epoch.TrainLosses, task), Text(epoch.ValidationLosses, task)]);
        return [epoch.Epoch.ToString(CultureInfo.InvariantCulture), .. perTask, .. lists.Select(key => Text(epoch.Weights, key)), .. metrics.Select(metric => Text(epoch.Validation, metric))];
    }

    private static string Text(IReadOnlyDictionary<string, double> values, string key) =>
        values.TryGetValue(key, out var value) ? CsvFile.Text(value) : "";

    private static EpochRecord Epoch(IReadOnlyList<string> columns, IReadOnlyList<string> row)
    {
        Dictionary<string, double> trainLosses = [], weights = [], validationLosses = [], validation = [];
        foreach (var (column, text) in columns.Zip(row).Skip(1).Where(field => field.Second.Length > 0))
        {
            var (values, suffix) =
                column.EndsWith(TrainLoss) ? (trainLosses, TrainLoss)
                : column.EndsWith(Weight) ? (weights, Weight)
                : column.EndsWith(ValidationLoss) ? (validationLosses, ValidationLoss)
                : (validation, "");
            values.Add(column[..^suffix.Length], CsvFile.Number(text));
        }

        return new EpochRecord(int.Parse(row[0], CultureInfo.InvariantCulture), trainLosses, weights, validationLosses, validation);
    }
}
