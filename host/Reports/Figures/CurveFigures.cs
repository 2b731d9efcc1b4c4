using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using ScottPlot;

namespace KdMtlBench.Host.Reports.Figures;

/// <summary>Values over the epochs, a line a strategy.</summary>
internal static class CurveFigures
{
    /// <summary>With many tasks their pairs would fill the page.</summary>
    public const int MostPairs = 10;

    /// <summary>Of each task its first metric on the validation split and its training loss.</summary>
    public static IEnumerable<Figure> Of(ReportGroup group) => group.Tasks.SelectMany(task =>
    {
        var metric = group.MainMetric(task);
        var scale = LeaderboardText.Scale(metric);
        return new[]
        {
            Lines(group.MultiTask, $"curve-{task}-{metric.Metric.Id}", $"{task}: {metric.Metric.Id} on validation", Units.Label(metric),
                epoch => epoch.Validation.GetValueOrDefault(metric.Key, double.NaN) * scale),
            Lines(group.MultiTask, $"curve-{task}-train-loss", $"{task}: training loss", "mean over the epoch ↓",
                epoch => epoch.TrainLosses.GetValueOrDefault(task, double.NaN)),
        };
    });

    /// <summary>Each task's share of the weights that were recorded; for strategies in lists under the id of each.</summary>
    public static IEnumerable<Figure> Weights(ReportGroup group)
    {
        var tasks = group.Tasks.Count < 2 ? [] : group.Tasks;
        var inLists = group.MultiTask.SelectMany(strategy => strategy.Runs).SelectMany(run => run.Curve).SelectMany(epoch => epoch.Weights)
            .Where(weight => weight.Key.Contains('.', StringComparison.Ordinal) && weight.Value != 1) // what weighs nothing has no picture
            .Select(weight => weight.Key[..weight.Key.LastIndexOf('.')]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return inLists.Select(id => $"{id}.").Prepend("").SelectMany(prefix => tasks.Select(task => Lines(
            group.MultiTask.Where(strategy => strategy.Runs.Any(run => run.Curve.Any(epoch => epoch.Weights.ContainsKey(prefix + task)))),
            $"weight-{prefix}{task}",
            prefix.Length == 0 ? $"{task}: share of the weights" : $"{task}: share of the weights of {prefix.TrimEnd('.')} in lists",
            "weight / sum of weights",
            epoch => epoch.Weights.GetValueOrDefault(prefix + task, double.NaN) / tasks.Sum(other => Math.Abs(epoch.Weights.GetValueOrDefault(prefix + other))))));
    }

    /// <summary>The cosine between the gradients of each pair of tasks; nothing where it was not looked at.</summary>
    public static IEnumerable<Figure> Conflict(ReportGroup group) => !group.MultiTask.Any(HasConflict) ? [] : group.TaskPairs.Take(MostPairs).Select(pair =>
    {
        var key = ConflictRecord.Pair(pair.First, pair.Second);
        return Lines(group.MultiTask.Where(HasConflict), $"conflict-{pair.First}-{pair.Second}", $"{pair.First} / {pair.Second}: cosine", "cosine",
            run => run.Conflict.Select(epoch => (epoch.Epoch, epoch.Cosines.GetValueOrDefault(key, double.NaN))));
    });

    /// <summary>Whether the tasks' gradients were looked at.</summary>
    public static bool HasConflict(StrategyRuns strategy) => strategy.Runs.Any(run => run.Conflict.Count > 0);

    private static Figure Lines(IEnumerable<StrategyRuns> strategies, string name, string title, string yLabel, Func<EpochRecord, double> value) =>
        Lines(strategies, name, title, yLabel, run => run.Curve.Select(epoch => (epoch.Epoch, value(epoch))));

    /// <summary>Mean over the seeds, and for coloured strategies the band from the smallest to the largest.</summary>
    private static Figure Lines(IEnumerable<StrategyRuns> strategies, string name, string title, string yLabel, Func<FinishedRun, IEnumerable<(int Epoch, double Value)>> values)
    {
        return new Figure(name, title, plot =>
        {
            foreach (var strategy in strategies.OrderBy(strategy => strategy.Ink.IsColoured))
                Line(plot, strategy, Series.Of(strategy.Runs.SelectMany(values)));
            plot.XLabel("epoch");
            plot.YLabel(yLabel);
            plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        });
    }

    private static void Line(Plot plot, StrategyRuns strategy, Series series)
    {
        if (series.Epochs.Length == 0)
            return;
        var ink = strategy.Ink;
        if (ink.IsColoured && series.Epochs.Length > 1 && strategy.Runs.Count > 1)
        {
            var band = plot.Add.FillY(series.Epochs, series.Least, series.Most);
            band.FillColor = ink.Colour.WithAlpha(0.12);
            band.LineWidth = 0;
            band.MarkerSize = 0;
        }

        var line = plot.Add.ScatterLine(series.Epochs, series.Mean, ink.Colour);
        line.LineWidth = ink.IsColoured ? 2 : 1;
        if (!ink.IsColoured && series.Epochs.Length > 1)
            return;
        // Not on every point of a long line.
        var every = Math.Max(1, series.Epochs.Length / 8);
        var points = plot.Add.ScatterPoints(
            series.Epochs.Where((_, i) => i % every == every / 2).ToArray(), series.Mean.Where((_, i) => i % every == every / 2).ToArray(), ink.Colour);
        (points.MarkerShape, points.MarkerSize) = (ink.Marker, 7);
        if (ink.IsColoured)
            points.LegendText = ink.Name;
    }
}
