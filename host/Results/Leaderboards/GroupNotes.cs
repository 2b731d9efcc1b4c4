using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>What a reader must know about the rows of a group.</summary>
/// <param name="records">Of the group.</param>
/// <param name="metrics">Of all its tasks.</param>
/// <param name="baselines">The single-task results by seed.</param>
/// <param name="rule">How the rows are judged.</param>
internal sealed class GroupNotes(
    IReadOnlyList<RunRecord> records, IReadOnlyList<TaskMetric> metrics, IReadOnlyDictionary<int, SeedResult> baselines, DecisionRule rule)
{
    /// <summary>One sentence each.</summary>
    public IEnumerable<string> Of(IReadOnlyList<LeaderboardRow> rows)
    {
        if (baselines.Count == 0)
            yield return "No seed has a single-task run of every task: the columns of Δ are empty and there are no tests.";
        else if (SeedsWithoutBaseline() is { Length: > 0 } seeds)
            yield return $"Left out of Δ for want of a finished single-task run of every task: seed {seeds}.";
        if (rule.Rounds is { } rounds)
            yield return $"Means, intervals, †, ranks and places are of the first {rounds.From} seeds, which all rows have; further ones, up to {rounds.To}, enter the verdicts alone.";
        var few = rows.Where(row => row.Seeds < Statistics.FewestSeeds).ToList();
        if (few.Count == rows.Count)
            yield return $"{Seeds(few.Max(row => row.Seeds))}: no intervals and no tests (they take {Statistics.FewestSeeds}).";
        else if (few.Count > 0)
            yield return $"Fewer than {Statistics.FewestSeeds} seeds finished, so no intervals and no tests: {string.Join(", ", few.Select(row => row.Strategy))}.";
        if (rows.Any(row => row.Metrics.Values.Any(value => double.IsNaN(value.Mean))))
            yield return "NaN: a run's metric was undefined for at least one seed; it ranks last.";
        if (!rows.Any(row => row.Strategy == Leaderboard.Uniform && row.Seeds > 0))
            yield return "No finished run of `uniform`: no step ratios.";
        if (!rows.Any(row => row.Strategy == rule.Reference && row.Seeds > 0))
            yield return $"No finished run of the reference row `{rule.Reference}`: no verdicts.";
        foreach (var note in TuningNote.Of(records))
            yield return note;
        foreach (var note in MeaninglessChanges())
            yield return note;
        foreach (var note in RunNotes.Of(records))
            yield return note;
        if (RecordFacts.Differences(records) is { Length: > 0 } differences)
            yield return differences;
    }

    /// <summary>Metrics that Δ leaves out, and those whose changes have nothing to be relative to.</summary>
    private IEnumerable<string> MeaninglessChanges()
    {
        var left = metrics.Where(metric => !metric.Metric.CountsInDelta).Select(metric => metric.Key).ToList();
        if (left.Count > 0 && baselines.Count > 0)
            yield return $"Left out of Δ, since a change relative to them means nothing: {string.Join(", ", left)}.";
        var around = metrics.Where(metric => metric.Metric.CountsInDelta && baselines.Values.Any(baseline => baseline.Test.GetValueOrDefault(metric.Key, 1) <= 0))
            .Select(metric => metric.Key).ToList();
        if (around.Count > 0)
            yield return $"Δ means nothing here: single-task values of {string.Join(", ", around)} are zero or negative. A benchmark can leave a metric out of Δ (CountsInDelta).";
    }

    private string SeedsWithoutBaseline() => string.Join(", ", records
        .Where(record => record.SingleTask is null && record.Status == RunStatus.Done && !baselines.ContainsKey(record.Seed) && !(record.Seed > rule.Rounds?.From))
        .Select(record => record.Seed).Distinct().Order());

    private static string Seeds(int count) => count == 1 ? "1 seed" : $"{count} seeds";
}
