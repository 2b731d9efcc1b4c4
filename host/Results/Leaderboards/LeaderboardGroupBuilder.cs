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
    private readonly IReadOnlyDictionary<string, double> _denominators;
    private readonly VerdictFamily _family;

    /// <param name="records">At least one, in order of their ids.</param>
    /// <param name="sweepConstants">What these records share with those of every other group.</param>
    /// <param name="family">All that is compared in the leaderboard.</param>
    public LeaderboardGroupBuilder(IReadOnlyList<RunRecord> records, IReadOnlyDictionary<string, string> sweepConstants, VerdictFamily family)
    {
        _records = records;
        _sweepConstants = sweepConstants;
        _family = family;
        // The runs that learn all tasks come first: they know the benchmark's order.
        _metrics = [.. records.OrderByDescending(record => record.Metrics.Count).SelectMany(record => record.Metrics).DistinctBy(metric => metric.Key)];
        _baselines = Finished(records.Where(record => IsBaseline(record) && IsOfFirstRound(record.Seed))).ToDictionary(result => result.Seed);
        _denominators = _metrics.Where(_ => _baselines.Count > 0).ToDictionary(
            metric => metric.Key,
            metric => Statistics.Mean([.. _baselines.OrderBy(seed => seed.Key).Select(seed => seed.Value.Test.GetValueOrDefault(metric.Key, double.NaN))]));
    }

    public LeaderboardGroup Build()
    {
        var rows = _records.GroupBy(record => record.Strategy).Select(strategy => Row([.. strategy])).ToList();
        rows = WithStepRatios(WithBestCandidates(WithVerdicts(WithRanks(rows))));
        var sorted = rows
            .OrderByDescending(IsBaseline)
            .ThenByDescending(row => row.DeltaTask?.Mean ?? double.NaN) // NaN sorts below every number
            .ThenBy(row => row.Rank ?? double.PositiveInfinity)
            .ThenBy(row => row.Strategy, StringComparer.Ordinal)
            .ToList();
        return new LeaderboardGroup(
            _records[0].Benchmark, _records[0].Model, Constants(), _metrics, sorted, BlockRanking.Of([sorted]), _family, Failures(),
            [.. new GroupNotes(_records, _metrics, _baselines, _family.Rule).Of(sorted)]);
    }

    /// <summary>Later seeds, which only some rows have, enter the verdicts alone: a row that stopped early would else have a mean of its luck.</summary>
    private bool IsOfFirstRound(int seed) => _family.Rule.Rounds is not { } rounds || seed <= rounds.From;

    private static bool IsBaseline(RunRecord record) => record.SingleTask is not null;

    private static bool IsBaseline(LeaderboardRow row) => row.Strategy == Leaderboard.SingleTask;

    private LeaderboardRow Row(IReadOnlyList<RunRecord> records)
    {
        var results = Finished(records.Where(record => IsOfFirstRound(record.Seed)));
        var paired = IsBaseline(records[0]) ? [] : results.Where(result => _baselines.ContainsKey(result.Seed)).ToList();
        var deltas = new SortedDictionary<int, double>(paired.ToDictionary(
            result => result.Seed, result => RelativeChange.OverTasks(_metrics, result.Test, _baselines[result.Seed].Test, _denominators)));
        var deltaMetrics = paired.Select(result => RelativeChange.OverMetrics(_metrics, result.Test, _baselines[result.Seed].Test, _denominators));
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
            DeltaByTask = ByTask(paired),
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

    private IReadOnlyList<TaskChange> ByTask(IEnumerable<SeedResult> paired) =>
    [
        .. from result in paired
           from task in RelativeChange.ByTask(_metrics, result.Test, _baselines[result.Seed].Test, _denominators)
           group task.Change by task.Task into task
           select new TaskChange(task.Key, Estimate.Of([.. task])!),
    ];

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

    private List<LeaderboardRow> WithVerdicts(List<LeaderboardRow> rows)
    {
        var results = _records.GroupBy(record => record.Strategy).ToDictionary(row => row.Key, Finished);
        var reference = results.GetValueOrDefault(_family.Rule.Reference, []).ToDictionary(result => result.Seed);
        return _baselines.Count == 0 ? rows : [.. rows.Select(row => IsBaseline(row) || row.Strategy == _family.Rule.Reference ? row : row with
        {
            Verdict = _family.Judge(
                results[row.Strategy].Where(result => reference.ContainsKey(result.Seed)).ToDictionary(
                    result => result.Seed, result => RelativeChange.OverTasks(_metrics, result.Test, reference[result.Seed].Test, _denominators)),
                [.. _records.Where(record => record.Strategy == row.Strategy && record.Status == RunStatus.Failed).Select(record => record.Seed)]),
        })];
    }

    private static List<LeaderboardRow> WithBestCandidates(List<LeaderboardRow> rows)
    {
        var compared = rows.Where(row => row.DeltaTask is not null).ToList();
        var candidates = BestCandidates.Of(compared.ConvertAll(row => row.DeltaTaskBySeed));
        return [.. rows.Select(row => compared.IndexOf(row) is >= 0 and var index ? row with { MayBeBest = candidates[index] } : row)];
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
}
