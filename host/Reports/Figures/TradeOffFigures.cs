using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Results.Leaderboards;
using ScottPlot;

namespace KdMtlBench.Host.Reports.Figures;

/// <summary>What is gained in one task against what is lost in another, and quality against cost.</summary>
internal static class TradeOffFigures
{
    /// <summary>A picture a pair of tasks, each by its first metric on the test split.</summary>
    public static IEnumerable<Figure> Of(ReportGroup group) => group.TaskPairs.Take(CurveFigures.MostPairs).Select(pair => Of(group, pair.First, pair.Second)).OfType<Figure>();

    /// <summary>Δ task, or where there is none the mean rank, against the time of a step.</summary>
    public static IEnumerable<Figure> Cost(ReportGroup group)
    {
        var rows = group.MultiTask.Where(strategy => strategy.Row.StepMilliseconds is not null).ToList();
        var byDelta = rows.TrueForAll(strategy => double.IsFinite(strategy.Row.DeltaTask?.Mean ?? double.NaN));
        if (rows.Count < 2)
            yield break;
        var points = rows.ConvertAll(strategy => (
            Time: strategy.Row.StepMilliseconds!.Value,
            Quality: byDelta ? strategy.Row.DeltaTask!.Mean : strategy.Row.Rank!.Value));
        var front = Pareto.Front(points.ConvertAll(point => (-point.Time, byDelta ? point.Quality : -point.Quality)));
        var places = rows.Select((strategy, i) => new PlotPoint(
            strategy.Ink, points[i].Time, points[i].Quality, null, byDelta ? strategy.Row.DeltaTask!.Ci95 : null, front[i] || strategy.Name == Leaderboard.Uniform)).ToList();
        yield return new Figure("quality-against-cost", byDelta ? "Δ task against the time of a step" : "Mean rank against the time of a step", plot =>
        {
            PointPlot.Draw(plot, places, (390, 240));
            plot.XLabel("step ms ↓");
            plot.YLabel(byDelta ? "Δ task % ↑" : "mean rank ↓");
        })
        {
            Caption = "Named: nothing else is both faster and better, and uniform.",
        };
    }

    private static Figure? Of(ReportGroup group, string first, string second)
    {
        var (x, y) = (group.MainMetric(first), group.MainMetric(second));
        var rows = group.Strategies.Where(strategy => IsFinite(strategy, x) && IsFinite(strategy, y)).ToList();
        var multiTask = rows.Where(row => row.Name != Leaderboard.SingleTask).ToList();
        if (multiTask.Count < 2)
            return null;
        var oriented = multiTask.ConvertAll(strategy => (Oriented(strategy, x), Oriented(strategy, y)));
        var front = multiTask.Zip(Pareto.Front(oriented)).Where(pair => pair.Second).Select(pair => pair.First.Name).ToHashSet(StringComparer.Ordinal);
        var reference = (X: oriented.Min(point => point.Item1), Y: oriented.Min(point => point.Item2));
        var places = rows.ConvertAll(strategy => new PlotPoint(
            strategy.Name == Leaderboard.SingleTask ? strategy.Ink with { Colour = Ink.Text, Marker = MarkerShape.Asterisk } : strategy.Ink,
            Scaled(strategy, x).Mean, Scaled(strategy, y).Mean, Scaled(strategy, x).Ci95, Scaled(strategy, y).Ci95,
            front.Contains(strategy.Name) || strategy.Name == Leaderboard.SingleTask));
        return new Figure($"trade-off-{first}-{second}", $"{first} against {second}", plot =>
        {
            Staircase(plot, places.FindAll(place => front.Contains(place.Ink.Name)), x.Metric.HigherIsBetter);
            PointPlot.Draw(plot, places, (390, 240));
            plot.XLabel($"{first}: {Units.Label(x)}");
            plot.YLabel($"{second}: {Units.Label(y)}");
        })
        {
            Caption = $"Named: the Pareto front of the multi-task strategies' test means, with 95 % intervals; dominated ones are grey. "
                + $"Hypervolume {Units.Number(Pareto.Hypervolume(oriented, reference))}, reference point "
                + $"({Units.Number(Math.Abs(reference.X))}, {Units.Number(Math.Abs(reference.Y))}): the worst of each metric.",
        };
    }

    /// <summary>The border of what the front dominates.</summary>
    private static void Staircase(Plot plot, IReadOnlyList<PlotPoint> front, bool higherX)
    {
        var ordered = front.OrderBy(point => higherX ? point.X : -point.X).ToList(); // from the worst x, and so the best y
        var corners = ordered.Zip(ordered.Skip(1)).SelectMany(pair => new Coordinates[] { new(pair.First.X, pair.First.Y), new(pair.First.X, pair.Second.Y) })
            .Append(new Coordinates(ordered[^1].X, ordered[^1].Y)).ToArray();
        if (corners.Length < 2)
            return;
        var line = plot.Add.ScatterLine(corners, Ink.Text.WithAlpha(0.35));
        line.LineWidth = 1;
    }

    private static bool IsFinite(StrategyRuns strategy, TaskMetric metric) => double.IsFinite(strategy.Row.Metrics.GetValueOrDefault(metric.Key)?.Mean ?? double.NaN);

    private static Estimate Scaled(StrategyRuns strategy, TaskMetric metric) => strategy.Row.Metrics[metric.Key].Times(LeaderboardText.Scale(metric));

    private static double Oriented(StrategyRuns strategy, TaskMetric metric) => Scaled(strategy, metric).Mean * (metric.Metric.HigherIsBetter ? 1 : -1);
}
