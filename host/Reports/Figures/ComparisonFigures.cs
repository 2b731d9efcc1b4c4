using KdMtlBench.Host.Results.Comparisons;
using KdMtlBench.Host.Results.Inference;
using ScottPlot;

namespace KdMtlBench.Host.Reports.Figures;

/// <summary>Strategies across sweeps.</summary>
internal static class ComparisonFigures
{
    private const int RowHeight = 15;
    private const double LeastSpan = 1e-3; // of an axis whose values are all alike

    /// <summary>Beside the reference, and every pair.</summary>
    public static IEnumerable<Figure> Pairs(Comparison comparison, IReadOnlyList<Ink> inks)
    {
        var rows = inks.Select(ink => (Ink: ink, Pair: comparison.Pairs.FirstOrDefault(pair => pair.Strategy == ink.Name && pair.Other == comparison.Reference)))
            .Where(row => row.Pair is not null).Select(row => (row.Ink, row.Pair!.Probability)).ToList();
        if (rows.Count > 0)
            yield return Intervals("improvement", $"Probability of improvement on {comparison.Reference}", $"P(better than {comparison.Reference})", rows, 0.5) with
            {
                Caption = "95 % intervals over seeds, the groups as they are. At 0.5 neither is better.",
            };
        yield return Matrix(comparison);
    }

    /// <summary>Interquartile means, mean ranks and performance profiles.</summary>
    public static IEnumerable<Figure> Aggregate(Aggregate aggregate, IReadOnlyList<Ink> inks)
    {
        var over = $"{aggregate.Groups.Count}-groups";
        var rows = aggregate.Rows.Select(row => (Row: row, Ink: inks.First(ink => ink.Name == row.Strategy))).ToList();
        yield return Profiles($"profile-{over}", rows);
        yield return Intervals($"iqm-{over}", "Interquartile mean of Δ task", "Δ task % ↑", [.. rows.Select(row => (row.Ink, row.Row.InterquartileMean))], 0) with
        {
            Caption = "95 % intervals over seeds.",
        };
        yield return Intervals($"ranks-{over}", "Mean rank over the groups", "mean rank ↓", [.. rows.OrderBy(row => row.Row.MeanRank.Value).Select(row => (row.Ink, row.Row.MeanRank))], null) with
        {
            Caption = "95 % intervals over seeds." + (aggregate.Test is { } test ? $" Nemenyi's critical difference over the groups: {Units.Number(test.CriticalDifference)}." : ""),
        };
    }

    /// <summary>A row a strategy, the first on top; what failed is not drawn.</summary>
    private static Figure Intervals(string name, string title, string axis, IReadOnlyList<(Ink Ink, BootstrapInterval Interval)> rows, double? neutral) => new(name, title, plot =>
    {
        foreach (var (i, (ink, interval)) in rows.Index().Where(row => double.IsFinite(row.Item.Interval.Value)).OrderBy(row => row.Item.Ink.IsColoured))
        {
            var y = rows.Count - 1 - i;
            if (interval is { Low: { } low, High: { } high } && double.IsFinite(low))
            {
                var line = plot.Add.Line(low, y, high, y);
                (line.LineColor, line.LineWidth) = (ink.Colour, ink.IsColoured ? 2 : 1.5f);
            }

            plot.Add.Marker(interval.Value, y, ink.Marker, ink.IsColoured ? 8 : 6, ink.Colour);
        }

        if (neutral is { } middle)
            plot.Add.VerticalLine(middle, 1, Ink.Text.WithAlpha(0.4), LinePattern.Dashed);
        HeatFigures.Ticks(plot.Axes.Left, rows.Select((row, i) => ((double)(rows.Count - 1 - i), row.Ink.Name)));
        plot.XLabel(axis);
        plot.Axes.SetLimitsY(-0.8, rows.Count - 0.2);
    })
    {
        Height = 80 + (RowHeight * Math.Max(4, rows.Count)),
        HasLegend = false,
    };

    /// <summary>Steps: the share of runs falls at each run's Δ task.</summary>
    private static Figure Profiles(string name, IReadOnlyList<(AggregateRow Row, Ink Ink)> rows)
    {
        var values = rows.SelectMany(row => row.Row.Values).SelectMany(group => group).Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (values.Min(), values.Max());
        var margin = Math.Max(LeastSpan, 0.03 * (high - low));
        return new Figure(name, "Performance profiles", plot =>
        {
            foreach (var (row, ink) in rows.OrderBy(row => row.Ink.IsColoured))
            {
                double[] thresholds = [low - margin, .. row.Values.SelectMany(group => group).Where(double.IsFinite).Distinct().Order(), high + margin];
                // Up to a run's Δ task, and with it, the run counts; beyond, it does not.
                var corners = thresholds.SelectMany((threshold, i) => i == 0
                    ? [new Coordinates(threshold, row.ShareAtLeast(threshold))]
                    : new[] { new Coordinates(threshold, row.ShareAtLeast(threshold)), new Coordinates(threshold, i + 1 < thresholds.Length ? row.ShareAtLeast(thresholds[i + 1]) : 0) }).ToArray();
                var line = plot.Add.ScatterLine(corners, ink.Colour);
                line.LineWidth = ink.IsColoured ? 2 : 1;
                if (ink.IsColoured)
                    line.LegendText = ink.Name;
            }

            plot.Add.VerticalLine(0, 1, Ink.Text.WithAlpha(0.4), LinePattern.Dashed);
            plot.Axes.SetLimits(low - margin, high + margin, -0.02, 1.02);
            plot.XLabel("τ, Δ task %");
            plot.YLabel("share of runs with Δ ≥ τ");
        })
        {
            Caption = "The higher a line, the better. Where two lines cross, one strategy is better among the good runs and the other among the bad ones. Each group counts alike.",
        };
    }

    private static Figure Matrix(Comparison comparison)
    {
        var names = comparison.Strategies;
        var index = names.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal);
        var cells = new double[names.Count, names.Count];
        for (var i = 0; i < names.Count * names.Count; i++)
            cells[i / names.Count, i % names.Count] = double.NaN;
        foreach (var pair in comparison.Pairs)
            cells[index[pair.Strategy], index[pair.Other]] = pair.Probability.Value;
        return new Figure("pairs", "Probability that the row's strategy is better than the column's", plot =>
        {
            plot.Add.ColorBar(HeatFigures.Map(plot, cells, new ScottPlot.Colormaps.Balance(), new ScottPlot.Range(0, 1)));
            HeatFigures.Ticks(plot.Axes.Left, names.Select((name, row) => ((double)(names.Count - 1 - row), name)));
            HeatFigures.Ticks(plot.Axes.Bottom, names.Select((name, column) => ((double)column, name)));
            plot.Axes.Bottom.TickLabelStyle.Rotation = -90;
            plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleRight;
            plot.Axes.Bottom.MinimumSize = 190;
        })
        {
            Width = Math.Max(560, 300 + (RowHeight * names.Count)),
            Height = 260 + (RowHeight * names.Count),
            HasLegend = false,
            Caption = "Each pair over the groups that both have; empty where there are none. compare.csv has the numbers, their intervals and the groups.",
        };
    }
}
