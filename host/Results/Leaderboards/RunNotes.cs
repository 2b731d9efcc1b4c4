using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>What the records of a group say beside their numbers: single-task runs that were trained in another way, strategies that came
/// out alike, runs that ended at chance, and solvers that failed.</summary>
internal static class RunNotes
{
    /// <summary>Values this close, relative to their size, are the same.</summary>
    private const double Tolerance = 1e-9;

    private const string Training = "training.";

    /// <summary>One sentence for single-task runs with training options of their own, one for each set of strategies whose losses and metrics
    /// agree in every seed, one for each strategy and task with runs at chance, and one for each kind of solver failure.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<RunRecord> records) =>
        [.. OwnTraining(records), .. Alike(records), .. AtChance(records), .. SolverFailures(records)];

    private static IEnumerable<string> OwnTraining(IReadOnlyList<RunRecord> records)
    {
        var usual = records.Where(record => record.SingleTask is null)
            .SelectMany(record => record.Settings.Where(setting => setting.Key.StartsWith(Training, StringComparison.Ordinal)))
            .GroupBy(setting => setting.Key, setting => setting.Value)
            .ToDictionary(values => values.Key, values => values.CountBy(value => value).MaxBy(count => count.Value).Key, StringComparer.Ordinal);
        var own = records.Where(record => record.SingleTask is not null).DistinctBy(record => record.SingleTask)
            .Select(record => (record.SingleTask, Options: record.Settings.Where(setting => usual.TryGetValue(setting.Key, out var value) && value != setting.Value)))
            .Where(single => single.Options.Any())
            .Select(single => $"{single.SingleTask} ({string.Join(' ', single.Options.Select(option => $"{option.Key[Training.Length..]}={option.Value}"))})").ToList();
        if (own.Count > 0)
            yield return $"Single-task runs have training options of their own: {string.Join(", ", own)}.";
    }

    private static IEnumerable<string> Alike(IReadOnlyList<RunRecord> records)
    {
        var rows = records.Where(record => record.SingleTask is null).GroupBy(record => record.Strategy)
            .Where(row => row.All(record => record.Status == RunStatus.Done))
            .Select(row => (Strategy: row.Key, Values: Values(row))).ToList();
        while (rows.Count > 0)
        {
            var same = rows.Where(row => Agree(row.Values, rows[0].Values)).ToList();
            if (same.Count > 1)
                yield return $"{string.Join(" and ", same.Select(row => $"`{row.Strategy}`"))} came out identical, in every loss and metric of every seed: here they are one method.";
            rows.RemoveAll(same.Contains);
        }
    }

    /// <summary>Losses and metrics by seed and name.</summary>
    private static Dictionary<string, double> Values(IEnumerable<RunRecord> row) => row
        .SelectMany(record => new[] { ("loss", record.TrainLosses), ("validation", record.Validation), ("test", record.Test) }
            .SelectMany(part => part.Item2.Select(value => ($"{record.Seed} {part.Item1} {value.Key}", value.Value))))
        .ToDictionary(value => value.Item1, value => value.Value, StringComparer.Ordinal);

    private static bool Agree(Dictionary<string, double> a, Dictionary<string, double> b) =>
        a.Count == b.Count && a.All(value => b.TryGetValue(value.Key, out var other)
            && (value.Value.Equals(other) || Math.Abs(value.Value - other) <= Tolerance * Math.Max(Math.Abs(value.Value), Math.Abs(other))));

    private static IEnumerable<string> AtChance(IReadOnlyList<RunRecord> records) =>
        from record in records
        from task in record.AtChance
        group record by (record.Strategy, Task: task) into kind
        let runs = kind.OrderBy(record => record.Seed).ToList()
        select $"At chance: `{kind.Key.Strategy}`, task {kind.Key.Task}, {(runs.Count == 1 ? "seed" : "seeds")} {string.Join(", ", runs.Select(record => record.Seed))}. "
            + $"On the test it is right no more often than always answering the most frequent class, within sampling error ({string.Join(", ", runs.Select(record => record.Id))}).";

    private static IEnumerable<string> SolverFailures(IReadOnlyList<RunRecord> records) =>
        from record in records
        from failure in record.SolverFailures
        group (record, failure) by (record.Strategy, failure.Strategy, failure.Reason) into kind
        let runs = kind.Select(one => one.record.Id).Distinct().Count()
        let residual = kind.Max(one => one.failure.LargestResidual)
        select $"Solver failures of `{kind.Key.Item1}`{(kind.Key.Item1.StartsWith(kind.Key.Item2, StringComparison.Ordinal) ? "" : $" ({kind.Key.Item2})")}, "
            + $"{kind.Sum(one => one.failure.Count)} in {runs} {(runs == 1 ? "run" : "runs")}: {kind.Key.Reason}{(residual is null ? "" : FormattableString.Invariant($" (largest residual {residual:g3})"))}.";
}
