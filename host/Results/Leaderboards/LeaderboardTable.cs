using System.Globalization;
using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>Rows of a group as rounded text, the same for every form a reader sees.</summary>
/// <param name="Caption">What the table is about.</param>
/// <param name="Columns">The first one names the strategy.</param>
/// <param name="Rows">One cell a column.</param>
public sealed record LeaderboardTable(string Caption, IReadOnlyList<TableColumn> Columns, IReadOnlyList<IReadOnlyList<TableCell>> Rows)
{
    private const string Nothing = "–";
    private const int ManyTasks = 4; // of fewer, the table by task says it all

    /// <summary>Changes against single-task, rank and metrics.</summary>
    public static LeaderboardTable Quality(LeaderboardGroup group)
    {
        var incomplete = group.Rows.Any(row => row.Failed > 0) || group.Rows.Select(row => row.Seeds).Distinct().Count() > 1;
        var metrics = group.Metrics.Select(metric =>
        {
            var scale = LeaderboardText.Scale(metric);
            var head = new TableColumn(metric.Task, $"{metric.Metric.Id} {metric.Metric.Unit}".TrimEnd(), metric.Metric.HigherIsBetter);
            return Estimates(head, group.Rows, row => row.Metrics.GetValueOrDefault(metric.Key)?.Times(scale));
        });
        return Assemble("Quality",
        [
            Texts(new TableColumn("", "strategy"), group.Rows, row => row.Strategy),
            .. incomplete ? [Texts(new TableColumn("", "seeds"), group.Rows, SeedsText)] : Array.Empty<ColumnOfCells>(),
            Estimates(new TableColumn("", "Δ task %", HigherIsBetter: true), group.Rows, row => row.DeltaTask, CandidateMark, signed: true),
            Estimates(new TableColumn("", "Δ metric %", HigherIsBetter: true), group.Rows, row => row.DeltaMetric, signed: true),
            .. group.Rows.Any(row => row.DeltaByTask.Count >= ManyTasks) ? MedianAndWorst(group.Rows) : [],
            Numbers(new TableColumn("", "rank", HigherIsBetter: false), group.Rows, row => row.Rank, "0.00"),
            .. metrics,
        ]);
    }

    /// <summary>Δ of each task; null where there is no Δ task, or only one task.</summary>
    public static LeaderboardTable? Tasks(LeaderboardGroup group)
    {
        var rows = group.Rows.Where(row => row.DeltaTask is not null).ToList();
        var tasks = rows.SelectMany(row => row.DeltaByTask).Select(change => change.Task).Distinct().ToList();
        return tasks.Count < 2 ? null : Assemble("Tasks",
        [
            Texts(new TableColumn("", "strategy"), rows, row => row.Strategy),
            .. tasks.Select(task => Estimates(
                new TableColumn(task, "Δ %", HigherIsBetter: true), rows, row => row.DeltaByTask.FirstOrDefault(change => change.Task == task)?.Change, signed: true)),
        ]);
    }

    /// <summary>Each strategy beside the reference, and its place over the seeds; null where there is no Δ task.</summary>
    public static LeaderboardTable? Verdicts(LeaderboardGroup group)
    {
        var rows = group.Rows.Where(row => row.DeltaTask is not null).ToList();
        var (rule, margins) = (group.Family.Rule, group.Family.Margins);
        var judged = rows.Exists(row => row.Verdict is not null);
        return rows.Count == 0 ? null : Assemble("Verdicts",
        [
            Texts(new TableColumn("", "strategy"), rows, row => row.Strategy),
            .. !judged ? [] : new[]
            {
                Texts(new TableColumn("", $"to {rule.Reference}"), rows, row => Difference(row.Verdict), row => row.Verdict?.Difference),
                VerdictsAt(rule.Margin, $"verdict, {VerdictText.Margin(rule.Margin)}", rows),
            },
            .. judged && rule.Rounds is not null ? [Numbers(new TableColumn("", "seeds"), rows, row => row.Verdict?.Seeds, "0")] : Array.Empty<ColumnOfCells>(),
            .. judged ? margins.Where(margin => margin != rule.Margin).Select(margin => VerdictsAt(margin, $"at {VerdictText.Margin(margin)}", rows)) : [],
            Places(rows.ConvertAll(row => group.Ranking.Of(row.Strategy)), group.Ranking),
        ]);
    }

    /// <summary>The strategies' places over all groups; null where they were not tested.</summary>
    public static LeaderboardTable? Places(BlockRanking ranking) => ranking.Test is null ? null : Assemble("Places",
    [
        new(new TableColumn("", "strategy"), [.. ranking.Ranks.Select(rank => new TableCell(rank.Strategy, IsBest: false))]),
        Places(ranking.Ranks, ranking),
    ]);

    /// <summary>Time, memory and solver failures.</summary>
    public static LeaderboardTable Cost(LeaderboardGroup group, bool includeTimes = true)
    {
        ColumnOfCells[] times =
        [
            Numbers(new TableColumn("", "step ms"), group.Rows, row => row.StepMilliseconds),
            Numbers(new TableColumn("", "step ratio"), group.Rows, row => row.StepRatio, "0.00"),
            Numbers(new TableColumn("", "peak MiB"), group.Rows, row => row.PeakMebibytes, "0"),
            Numbers(new TableColumn("", "train s"), group.Rows, row => row.TrainSeconds),
            Numbers(new TableColumn("", "teachers s"), group.Rows, row => row.TeacherSeconds),
        ];
        return Assemble("Cost",
        [
            Texts(new TableColumn("", "strategy"), group.Rows, row => row.Strategy),
            .. includeTimes ? times : [],
            Numbers(new TableColumn("", "backward passes"), group.Rows, row => row.BackwardPasses, "0.##"),
            Numbers(new TableColumn("", "solver failures"), group.Rows, row => row.SolverFailures, "0"),
        ]);
    }

    private static LeaderboardTable Assemble(string caption, IReadOnlyList<ColumnOfCells> columns) => new(
        caption,
        [.. columns.Select(column => column.Head)],
        [.. Enumerable.Range(0, columns[0].Cells.Count).Select(row => columns.Select(column => column.Cells[row]).ToList())]);

    /// <summary>Of many tasks one can make the mean.</summary>
    private static ColumnOfCells[] MedianAndWorst(IReadOnlyList<LeaderboardRow> rows)
    {
        var (median, worst) = (new TableColumn("", "median task %", HigherIsBetter: true), new TableColumn("", "worst task %", HigherIsBetter: true));
        return
        [
            new(median, Marked(median, rows, row => row.MedianTask, row => row.MedianTask is { } value ? Number(value, 2, signed: true) : Nothing)),
            new(worst, Marked(worst, rows, row => row.WorstTask?.Change.Mean, row => row.WorstTask is { } task ? $"{Number(task.Change.Mean, 2, signed: true)} ({task.Task})" : Nothing)),
        ];
    }

    private static string SeedsText(LeaderboardRow row) => row.Failed == 0 ? $"{row.Seeds}" : $"{row.Seeds}, {row.Failed} failed";

    private static string CandidateMark(LeaderboardRow row) => row.MayBeBest == true ? "†" : "";

    private static string Difference(Verdict? verdict) =>
        verdict is null ? Nothing : Text(new Estimate(verdict.Difference, verdict.HalfWidth, verdict.Seeds), 2, signed: true);

    private static ColumnOfCells VerdictsAt(double margin, string name, IReadOnlyList<LeaderboardRow> rows) => Texts(
        new TableColumn("", name), rows,
        row => row.Verdict is { } verdict ? VerdictText.Words(verdict, margin) : Nothing,
        row => row.Verdict is { } verdict ? (int)verdict.At(margin) : null);

    private static ColumnOfCells Places(IReadOnlyList<BlockRank?> ranks, BlockRanking ranking)
    {
        var best = ranking.Ranks.Select(rank => rank.MeanRank).DefaultIfEmpty(double.NaN).Min();
        return new ColumnOfCells(new TableColumn("", "place", HigherIsBetter: false), [.. ranks.Select(rank => rank is null
            ? new TableCell(ranking.Blocks < Statistics.FewestSeeds ? Seeds(ranking.Blocks) : Nothing, IsBest: false)
            : new TableCell(rank.MeanRank.ToString("0.00", CultureInfo.InvariantCulture) + (rank.TiedWithBest && rank.MeanRank > best ? "‡" : ""), rank.MeanRank == best, rank.MeanRank))]);
    }

    private static string Seeds(int count) => $"n = {count}";

    private static ColumnOfCells Texts(
        TableColumn head, IEnumerable<LeaderboardRow> rows, Func<LeaderboardRow, string> text, Func<LeaderboardRow, double?>? value = null) =>
        new(head, [.. rows.Select(row => new TableCell(text(row), IsBest: false, value?.Invoke(row)))]);

    private static ColumnOfCells Numbers(TableColumn head, IReadOnlyList<LeaderboardRow> rows, Func<LeaderboardRow, double?> value, string? format = null)
    {
        format ??= "F" + Decimals(rows.Select(value));
        return new(head, Marked(head, rows, value, row => value(row)?.ToString(format, CultureInfo.InvariantCulture) ?? Nothing));
    }

    private static ColumnOfCells Estimates(
        TableColumn head, IReadOnlyList<LeaderboardRow> rows, Func<LeaderboardRow, Estimate?> estimate,
        Func<LeaderboardRow, string>? mark = null, bool signed = false)
    {
        var decimals = signed ? 2 : Decimals(rows.Select(row => estimate(row)?.Mean));
        return new(head, Marked(head, rows, row => estimate(row)?.Mean, row => Text(estimate(row), decimals, signed), mark));
    }

    private static TableCell[] Marked(
        TableColumn head, IReadOnlyList<LeaderboardRow> rows, Func<LeaderboardRow, double?> value,
        Func<LeaderboardRow, string> text, Func<LeaderboardRow, string>? mark = null)
    {
        var best = Best(head, rows, value);
        return [.. rows.Select(row =>
        {
            var isBest = best is not null && row.Strategy != Leaderboard.SingleTask && value(row) == best;
            return new TableCell(text(row) + (isBest ? "" : mark?.Invoke(row)), isBest, value(row));
        })];
    }

    /// <summary>The best value among the multi-task rows; null where there is no choice.</summary>
    private static double? Best(TableColumn head, IReadOnlyList<LeaderboardRow> rows, Func<LeaderboardRow, double?> value)
    {
        var candidates = rows.Where(row => row.Strategy != Leaderboard.SingleTask).Select(value).OfType<double>().Where(number => !double.IsNaN(number)).ToList();
        return candidates.Count < 2 ? null : head.HigherIsBetter switch
        {
            true => candidates.Max(),
            false => candidates.Min(),
            null => null,
        };
    }

    private static string Text(Estimate? estimate, int decimals, bool signed)
    {
        if (estimate is null)
            return Nothing;
        var mean = Number(estimate.Mean, decimals, signed);
        return estimate.Ci95 is { } interval ? $"{mean} ± {Number(interval, decimals, signed: false)}" : $"{mean} ({Seeds(estimate.Seeds)})";
    }

    private static string Number(double value, int decimals, bool signed) =>
        (signed && value > 0 ? "+" : "") + value.ToString("F" + decimals, CultureInfo.InvariantCulture);

    /// <summary>As many decimals as give the column's largest value four digits.</summary>
    private static int Decimals(IEnumerable<double?> values)
    {
        var largest = values.OfType<double>().Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        return largest == 0 ? 2 : Math.Clamp(3 - (int)Math.Floor(Math.Log10(largest)), 0, 6);
    }

    private sealed record ColumnOfCells(TableColumn Head, IReadOnlyList<TableCell> Cells);
}
