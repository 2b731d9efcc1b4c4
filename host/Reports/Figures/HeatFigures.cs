using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace KdMtlBench.Host.Reports.Figures;

/// <summary>Values in a grid, as colours.</summary>
internal static class HeatFigures
{
    private const int RowHeight = 15;
    private const int MostNumbered = 12; // classes whose cells have room for numbers
    private const int MostConfusions = 3;

    /// <summary>Of each pair of tasks the cosine between their gradients, a row a strategy, a column an epoch.</summary>
    public static IEnumerable<Figure> Conflict(ReportGroup group)
    {
        var strategies = group.MultiTask.Where(CurveFigures.HasConflict).ToList();
        foreach (var (first, second) in strategies.Count == 0 ? [] : group.TaskPairs.Take(CurveFigures.MostPairs))
        {
            var key = ConflictRecord.Pair(first, second);
            var series = strategies.ConvertAll(strategy => Series.Of(strategy.Runs.SelectMany(run => run.Conflict)
                .Select(epoch => (epoch.Epoch, epoch.Cosines.GetValueOrDefault(key, double.NaN)))));
            double[] epochs = [.. series.SelectMany(one => one.Epochs).Distinct().Order()];
            var cells = new double[strategies.Count, epochs.Length];
            for (var row = 0; row < strategies.Count; row++)
                for (var column = 0; column < epochs.Length; column++)
                    cells[row, column] = Array.IndexOf(series[row].Epochs, epochs[column]) is >= 0 and var at ? series[row].Mean[at] : double.NaN;
            yield return new Figure($"conflict-map-{first}-{second}", $"{first} / {second}: cosine by strategy", plot =>
            {
                var map = Map(plot, cells, new ScottPlot.Colormaps.Balance(), new ScottPlot.Range(-1, 1));
                plot.Add.ColorBar(map);
                plot.XLabel("epoch");
                Ticks(plot.Axes.Left, strategies.Select((strategy, row) => ((double)(strategies.Count - 1 - row), strategy.Name)));
                Ticks(plot.Axes.Bottom, epochs.Select((epoch, column) => ((double)column, $"{epoch}")).Where((_, column) => column % Math.Max(1, epochs.Length / 8) == 0));
            })
            {
                Height = 90 + RowHeight * Math.Max(5, strategies.Count),
                HasLegend = false,
            };
        }
    }

    /// <summary>Of each task that classifies images: single-task, uniform and the best strategy.</summary>
    public static IEnumerable<Figure> Confusion(ReportGroup group)
    {
        string[] wanted = [Leaderboard.SingleTask, Leaderboard.Uniform];
        var strategies = group.Strategies.Where(strategy => wanted.Contains(strategy.Name)).Concat(group.MultiTask).Distinct().Take(MostConfusions).ToList();
        foreach (var task in group.Tasks)
        {
            foreach (var strategy in strategies)
            {
                var cells = strategy.Runs.SelectMany(run => run.Confusions).Where(cell => cell.Task == task).ToList();
                if (cells.Count > 0)
                    yield return Confusion(task, strategy, cells);
            }
        }
    }

    private static Figure Confusion(string task, StrategyRuns strategy, List<ConfusionRecord> cells)
    {
        var classes = cells.Max(cell => Math.Max(cell.Truth, cell.Predicted)) + 1;
        var shares = new double[classes, classes];
        foreach (var truth in cells.GroupBy(cell => cell.Truth))
            foreach (var cell in truth)
                shares[cell.Truth, cell.Predicted] += cell.Count / (double)truth.Sum(other => other.Count);
        return new Figure($"confusion-{task}-{Wording(strategy.Name)}", $"{task}: {strategy.Name}", plot =>
        {
            var map = Map(plot, shares, new Paper(), new ScottPlot.Range(0, 1));
            plot.Add.ColorBar(map);
            plot.XLabel("taken for");
            plot.YLabel("truth");
            var every = (classes + 9) / 10;
            var numbers = Enumerable.Range(0, classes).Where(number => number % every == 0).ToList();
            Ticks(plot.Axes.Left, numbers.Select(number => ((double)(classes - 1 - number), $"{number}")));
            Ticks(plot.Axes.Bottom, numbers.Select(number => ((double)number, $"{number}")));
            if (classes > MostNumbered)
                return;
            for (var truth = 0; truth < classes; truth++)
                for (var predicted = 0; predicted < classes; predicted++)
                    if (shares[truth, predicted] >= 0.005)
                        Number(plot, shares[truth, predicted], predicted, classes - 1 - truth);
        })
        {
            Height = 400,
            HasLegend = false,
        };
    }

    /// <summary>Cells as colours, without a frame of their own.</summary>
    public static ScottPlot.Plottables.Heatmap Map(Plot plot, double[,] cells, IColormap colours, ScottPlot.Range range)
    {
        var map = plot.Add.Heatmap(cells);
        (map.Colormap, map.ManualRange) = (colours, range);
        map.NaNCellColor = Colors.Transparent;
        plot.HideGrid();
        plot.Axes.Margins(0, 0);
        return map;
    }

    private static void Number(Plot plot, double share, int x, int y)
    {
        var text = plot.Add.Text((100 * share).ToString("0", System.Globalization.CultureInfo.InvariantCulture), x, y);
        (text.LabelAlignment, text.LabelFontSize) = (Alignment.MiddleCenter, 9);
        text.LabelFontColor = share > 0.5 ? Colors.White : Colors.Black;
    }

    /// <summary>Names instead of numbers on an axis.</summary>
    public static void Ticks(IAxis axis, IEnumerable<(double Place, string Label)> ticks)
    {
        var generator = new NumericManual();
        foreach (var (place, label) in ticks)
            generator.AddMajor(place, label.Length > 28 ? label[..27] + "…" : label);
        axis.TickGenerator = generator;
    }

    private static string Wording(string name) => string.Concat(name.Select(letter => char.IsLetterOrDigit(letter) ? letter : '-')).Trim('-');

    /// <summary>From paper to ink; small shares still show.</summary>
    private sealed class Paper : IColormap
    {
        public string Name => "paper";

        public Color GetColor(double position)
        {
            var ink = Math.Sqrt(Math.Clamp(position, 0, 1));
            return new Color((byte)(246 - 246 * ink), (byte)(248 - 150 * ink), (byte)(250 - 90 * ink));
        }
    }
}
