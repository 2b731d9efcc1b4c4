using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Views;

/// <summary>What a run came to, in a few words.</summary>
internal static class RunText
{
    /// <summary><c>segmentation.miou 0.431, depth.absolute-error 0.212</c>: each task's first metric.</summary>
    public static string Scores(IReadOnlyDictionary<string, double> metrics) => string.Join(
        ", ",
        metrics.GroupBy(metric => metric.Key.Split('.')[0], StringComparer.Ordinal).Select(task => $"{task.First().Key} {task.First().Value:G3}"));

    public static string Ending(RunRecord record) => record.Status == RunStatus.Done
        ? $"test {Scores(InOrder(record))} ({record.Cost.StepMilliseconds:F1} ms/step, best epoch {record.SelectedEpoch})"
        : $"FAILED: {record.Failure}";

    private static Dictionary<string, double> InOrder(RunRecord record) =>
        record.Metrics.ToDictionary(metric => metric.Key, metric => record.Test[metric.Key], StringComparer.Ordinal);
}
