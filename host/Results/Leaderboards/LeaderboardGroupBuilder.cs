using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>Makes a group of the records of one benchmark and model.</summary>
internal sealed class LeaderboardGroupBuilder
{
    private readonly IReadOnlyList<RunRecord> _records;
    private readonly IReadOnlyDictionary<string, string> _sweepConstants;
    private readonly IReadOnlyList<TaskMetric> _metrics;
    private readonly IReadOnlyDictionary<int, SeedResult> _baselines;

    /// <param name="records">At least one, in order of their ids.</param>
    /// <param name="sweepConstants">What these records share with those of every other group.</param>
    public LeaderboardGroupBuilder(IReadOnlyList<RunRecord> records, IReadOnlyDictionary<string, string> sweepConstants)
    {
        _records = records;
        _sweepConstants = sweepConstants;
        // The runs that learn all tasks come first: they know the benchmark's order.
        _metrics = [.. records.OrderByDescending(record => record.Metrics.Count).SelectMany(record => record.Metrics).DistinctBy(metric => metric.Key)];
        _baselines = Finished(records.Where(IsBaseline)).ToDictionary(result => result.Seed);
    }

    public LeaderboardGroup Build()
    {
        var rows = _records.GroupBy(record => record.Strategy).Select(strategy => Row([.. strategy])).ToList();
        rows = WithStepRatios(WithComparisons(WithRanks(rows)));
        var sorted = rows
            .OrderByDescending(IsBaseline)
            .ThenByDescending(row => row.DeltaTask?.Mean ?? double.NaN) // NaN sorts below every number
            .ThenBy(row => row.Rank ?? double.PositiveInfinity)
            .ThenBy(row => row.Strategy, StringComparer.Ordinal)
            .ToList();
        return new LeaderboardGroup(
            _records[0].Benchmark, _records[0].Model, Constants(), _metrics, sorted, BlockRanking.Of([sorted]), Failures(), [.. Notes(sorted)]);
    }

    private static bool IsBaseline(RunRecord record) => record.SingleTask is not null;

    private static bool IsBaseline(LeaderboardRow row) => row.Strategy == Leaderboard.SingleTask;

    private LeaderboardRow Row(IReadOnlyList<RunRecord> records)
    {
        var results = Finished(records);
        var paired = IsBaseline(records[0]) ? [] : results.Where(result => _baselines.ContainsKey(result.Seed)).ToList();
        var deltas = new SortedDictionary<int, double>(paired.ToDictionary(
            result => result.Seed, result => RelativeChange.OverTasks(_metrics, result.Test, _baselines[result.Seed].Test)));
        var deltaMetrics = paired.Select(result => RelativeChange.OverMetrics(_metrics, result.Test, _baselines[result.Seed].Test));
        return new LeaderboardRow
        {
            Benchmark = records[0].Benchmark,
            Model = records[0].Model,
            Strategy = records[0].Strategy,
            Seeds = results.Count,
            Failed = records.Count(record => record.Status == RunStatus.Failed),
            Metrics = results.Count == 0 ? new Dictionary<string, Estimate>() : _metrics.ToDictionary(
                metric => metric.Key,
                metric => Estimate.Of([.. results.Select(result => result.Test.GetValueOrDefault(metric.Key, double.NaN))])!),
            DeltaTaskBySeed = deltas,
            DeltaTask = Estimate.Of([.. deltas.Values]),
            DeltaMetric = Estimate.Of([.. deltaMetrics]),
            StepMilliseconds = Cost(results, Statistics.Median, cost => cost.StepMilliseconds),
            BackwardPasses = Cost(results, Statistics.Mean, cost => cost.BackwardPasses),
            PeakMebibytes = Cost(results, Enumerable.Max, cost => cost.PeakMebibytes),
            TrainSeconds = Cost(results, Statistics.Mean, cost => cost.TrainSeconds),
            TeacherSeconds = Cost(results, Statistics.Mean, cost => cost.TeacherSeconds),
            SolverFailures = records.Sum(record => record.Cost.SolverFailures),
        };
    }

    private static double? Cost(IReadOnlyList<SeedResult> results, Func<IReadOnlyList<double>, double> summary, Func<RunCost, double> cost) =>
        results.Count == 0 ? null : summary([.. results.Select(result => cost(result.Cost))]);

    /// <summary>One result a seed where every task has one, in order of the seeds: sums are then the same for any order of records.</summary>
    private List<SeedResult> Finished(IEnumerable<RunRecord> records) =>
    [
        .. records.Where(record => record.Status == RunStatus.Done)
            .GroupBy(record => record.Seed)
            .Where(seed => !seed.Any(IsBaseline) || MissingTasks(seed).Count == 0)
            .OrderBy(seed => seed.Key)
            .Select(seed => SeedResult.Of([.. seed])),
    ];

    private List<string> MissingTasks(IEnumerable<RunRecord> baselines) =>
        [.. _metrics.Select(metric => metric.Task).Distinct().Except(baselines.Select(record => record.SingleTask!))];

    private List<LeaderboardRow> WithRanks(List<LeaderboardRow> rows)
    {
        var ranked = rows.Where(row => !IsBaseline(row) && row.Seeds > 0).ToList();
        var ranks = _metrics.Select(metric =>
            Statistics.Ranks([.. ranked.Select(row => row.Metrics[metric.Key].Mean)], metric.Metric.HigherIsBetter)).ToList();
        return [.. rows.Select(row => ranked.IndexOf(row) is >= 0 and var index && ranks.Count > 0
            ? row with { Rank = ranks.Average(rank => rank[index]) }
            : row)];
    }

    private static List<LeaderboardRow> WithComparisons(List<LeaderboardRow> rows)
    {
        var best = rows.Where(row => row.DeltaTask is { Mean: not double.NaN })
            .OrderByDescending(row => row.DeltaTask!.Mean)
            .ThenBy(row => row.Strategy, StringComparer.Ordinal)
            .FirstOrDefault();
        var toBest = Comparison.WithEach(rows, best);
        var toUniform = Comparison.WithEach(rows, rows.Find(row => row.Strategy == Leaderboard.Uniform));
        return [.. rows.Select(row => row with
        {
            ToBest = toBest.GetValueOrDefault(row.Strategy),
            ToUniform = toUniform.GetValueOrDefault(row.Strategy),
            TiedWithBest = row == best ? (row.DeltaTaskBySeed.Count >= Statistics.FewestSeeds ? true : null) : !toBest.GetValueOrDefault(row.Strategy)?.IsSignificant,
        })];
    }

    private static List<LeaderboardRow> WithStepRatios(List<LeaderboardRow> rows)
    {
        var uniform = rows.Find(row => row.Strategy == Leaderboard.Uniform)?.StepMilliseconds;
        return [.. rows.Select(row => row with { StepRatio = row.StepMilliseconds / uniform })];
    }

    private IReadOnlyDictionary<string, string> Constants() => new SortedDictionary<string, string>(
        RecordFacts.Constants(_records).Except(_sweepConstants).ToDictionary(), StringComparer.Ordinal);

    private IReadOnlyList<FailedRun> Failures() =>
    [
        .. _records.Where(record => record.Status == RunStatus.Failed)
            .Select(record => new FailedRun(record.Id, record.Strategy, record.Seed, record.Failure ?? "no reason recorded")),
    ];

    private IEnumerable<string> Notes(IReadOnlyList<LeaderboardRow> rows)
    {
        if (_baselines.Count == 0)
            yield return "No seed has a single-task run of every task: the columns of Δ are empty and there are no tests.";
        else if (SeedsWithoutBaseline() is { Length: > 0 } seeds)
            yield return $"Left out of Δ for want of a finished single-task run of every task: seed {seeds}.";
        var few = rows.Where(row => row.Seeds < Statistics.FewestSeeds).ToList();
        if (few.Count == rows.Count)
            yield return $"{Seeds(few.Max(row => row.Seeds))}: no intervals and no tests (they take {Statistics.FewestSeeds}).";
        else if (few.Count > 0)
            yield return $"Fewer than {Statistics.FewestSeeds} seeds finished, so no intervals and no tests: {string.Join(", ", few.Select(row => row.Strategy))}.";
        if (rows.Any(row => row.Metrics.Values.Any(value => double.IsNaN(value.Mean))))
            yield return "NaN: a run's metric was undefined for at least one seed; it ranks last.";
        if (!rows.Any(row => row.Strategy == Leaderboard.Uniform && row.Seeds > 0))
            yield return "No finished run of `uniform`: no comparisons with it, no step ratios.";
        foreach (var note in TuningNote.Of(_records))
            yield return note;
        foreach (var note in MeaninglessChanges())
            yield return note;
        foreach (var note in RunNotes.Of(_records))
            yield return note;
        if (RecordFacts.Differences(_records) is { Length: > 0 } differences)
            yield return differences;
    }

    /// <summary>Metrics that Δ leaves out, and those whose changes have nothing to be relative to.</summary>
    private IEnumerable<string> MeaninglessChanges()
    {
        var left = _metrics.Where(metric => !metric.Metric.CountsInDelta).Select(metric => metric.Key).ToList();
        if (left.Count > 0 && _baselines.Count > 0)
            yield return $"Left out of Δ, since a change relative to them means nothing: {string.Join(", ", left)}.";
        var around = _metrics.Where(metric => metric.Metric.CountsInDelta && _baselines.Values.Any(baseline => baseline.Test.GetValueOrDefault(metric.Key, 1) <= 0))
            .Select(metric => metric.Key).ToList();
        if (around.Count > 0)
            yield return $"Δ means nothing here: single-task values of {string.Join(", ", around)} are zero or negative. A benchmark can leave a metric out of Δ (CountsInDelta).";
    }

    private string SeedsWithoutBaseline() => string.Join(", ", _records
        .Where(record => !IsBaseline(record) && record.Status == RunStatus.Done && !_baselines.ContainsKey(record.Seed))
        .Select(record => record.Seed).Distinct().Order());

    private static string Seeds(int count) => count == 1 ? "1 seed" : $"{count} seeds";

    /// <summary>What one seed of one strategy gave: one run, or the single-task runs of all tasks.</summary>
    private sealed record SeedResult(int Seed, IReadOnlyDictionary<string, double> Test, RunCost Cost)
    {
        public static SeedResult Of(IReadOnlyList<RunRecord> runs) => new(
            runs[0].Seed,
            runs.SelectMany(run => run.Test).ToDictionary(),
            new RunCost
            {
                StepMilliseconds = runs.Sum(run => run.Cost.StepMilliseconds),
                BackwardPasses = runs.Sum(run => run.Cost.BackwardPasses),
                PeakMebibytes = runs.Max(run => run.Cost.PeakMebibytes),
                TrainSeconds = runs.Sum(run => run.Cost.TrainSeconds),
                TeacherSeconds = runs.Sum(run => run.Cost.TeacherSeconds),
            });
    }
}
