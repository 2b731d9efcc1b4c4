using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Reports;

/// <summary>What a report shows of a sweep: its leaderboard and, for the pictures, the runs behind every row.</summary>
/// <param name="Leaderboard">All numbers come from here.</param>
/// <param name="Groups">As the leaderboard's, in its order.</param>
internal sealed record SweepReport(Leaderboard Leaderboard, IReadOnlyList<ReportGroup> Groups)
{
    /// <exception cref="InputException">A curve is damaged, or two records are for the same strategy and seed.</exception>
    public static SweepReport Of(Leaderboard leaderboard, IReadOnlyList<RunRecord> records, RunStore store)
    {
        var runs = records.Where(record => record.Status == RunStatus.Done)
            .ToLookup(record => (record.Benchmark, record.Model, record.Strategy), record => new FinishedRun(record, store.ReadCurve(record.Id), store.ReadConflict(record.Id), store.ReadConfusions(record.Id)));
        var names = leaderboard.Groups.SelectMany(group => group.Rows).Select(row => row.Strategy).Distinct().ToList();
        return new SweepReport(leaderboard, [.. leaderboard.Groups.Select(group =>
        {
            var coloured = Coloured(group);
            return new ReportGroup(group,
                [.. group.Rows.Where(row => row.Seeds > 0).Select(row => new StrategyRuns(
                    row, Reports.Ink.Of(names.IndexOf(row.Strategy), row.Strategy, coloured.IndexOf(row.Strategy)), [.. runs[(group.Benchmark, group.Model, row.Strategy)]]))]);
        })]);
    }

    /// <summary>How a strategy is drawn; null for one that no picture knows.</summary>
    public Ink? Ink(string strategy) => Groups.Select(group => group.Ink(strategy)).FirstOrDefault(ink => ink is not null);

    /// <summary>As many strategies as there are colours: <c>uniform</c> and the best ones, which stand first.</summary>
    private static List<string> Coloured(LeaderboardGroup group)
    {
        var names = group.Rows.Where(row => row.Strategy != Leaderboard.SingleTask).Select(row => row.Strategy);
        return [.. names.OrderByDescending(name => name == Leaderboard.Uniform).Take(Reports.Ink.Colours)];
    }
}

/// <summary>A benchmark with a model.</summary>
/// <param name="Group">The leaderboard's.</param>
/// <param name="Strategies">The rows with a finished run, in their order; the single-task row may be the first.</param>
internal sealed record ReportGroup(LeaderboardGroup Group, IReadOnlyList<StrategyRuns> Strategies)
{
    /// <summary>Without the single-task row.</summary>
    public IEnumerable<StrategyRuns> MultiTask => Strategies.Where(strategy => strategy.Row.Strategy != Leaderboard.SingleTask);

    /// <summary>Of all strategies.</summary>
    public IEnumerable<Ink> Inks => Strategies.Select(strategy => strategy.Ink);

    /// <summary>How a strategy is drawn; null for one without a finished run.</summary>
    public Ink? Ink(string strategy) => Strategies.FirstOrDefault(one => one.Name == strategy)?.Ink;

    public IReadOnlyList<string> Tasks => [.. Group.Metrics.Select(metric => metric.Task).Distinct()];

    /// <summary>The metric that a task is judged by first.</summary>
    public TaskMetric MainMetric(string task) => Group.Metrics.First(metric => metric.Task == task);

    /// <summary>All pairs of tasks, in their order.</summary>
    public IEnumerable<(string First, string Second)> TaskPairs => Tasks.SelectMany((first, i) => Tasks.Skip(i + 1).Select(second => (first, second)));
}

/// <summary>A row of the leaderboard, the runs behind it, and how it is drawn.</summary>
/// <param name="Row">Of the leaderboard.</param>
/// <param name="Ink">The same in every picture.</param>
/// <param name="Runs">The finished ones.</param>
internal sealed record StrategyRuns(LeaderboardRow Row, Ink Ink, IReadOnlyList<FinishedRun> Runs)
{
    public string Name => Row.Strategy;
}

/// <summary>A run, its epochs, and what else was kept of it.</summary>
internal sealed record FinishedRun(
    RunRecord Record, IReadOnlyList<EpochRecord> Curve, IReadOnlyList<ConflictRecord> Conflict, IReadOnlyList<ConfusionRecord> Confusions);
