using System.Globalization;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage.Sharing;

namespace KdMtlBench.Host.Views;

/// <summary>A sweep's status as lines.</summary>
internal static class StatusView
{
    /// <param name="what">The sweep, or its trials.</param>
    /// <param name="status">Of it.</param>
    public static IEnumerable<string> Lines(string what, SweepStatus status)
    {
        var failed = status.Records.Where(record => record.Status == RunStatus.Failed).ToList();
        var underWay = status.UnderWay.ToList();
        yield return $"{what}: {status.Records.Count} of {status.Runs?.ToString(CultureInfo.InvariantCulture) ?? "an unknown number of"} runs are over{Failed(failed.Count)}"
            + (underWay.Count == 0 ? "" : $"; {underWay.Count} under way, {(status.Left is { } left ? $"{TimeLeft.Text(left)} left" : "no saying how long until one is over")}");
        foreach (var sign in status.There)
        {
            yield return $"  {sign.Holder}{(sign.UnderWay.Count == 0 ? ": at no run just now" : "")}";
            foreach (var run in sign.UnderWay.OrderBy(run => run.Since))
                yield return $"    {run.Run} on {run.Device}: epoch {Epoch(run)}/{run.OfEpochs}, since {run.Since.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)}";
        }

        foreach (var holder in status.Silent)
            yield return $"  {holder}: has ended, or gives no sign of life; whoever is next takes over its runs";
        foreach (var record in failed)
            yield return $"  failed: {record.Id}: {record.Failure}";
        if (status is { Command: { } command, There.Count: 0 })
            yield return $"  Nobody is at it; `{command}` goes on from there.";
    }

    private static string Failed(int count) => count == 0 ? "" : $", {count} of them failed";

    private static string Epoch(RunAtWork run) => Math.Min(run.OfEpochs, (int)run.Epochs + 1).ToString(CultureInfo.InvariantCulture);
}
