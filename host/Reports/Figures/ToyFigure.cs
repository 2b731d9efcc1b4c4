using KdMtlBench.Host.Benchmarks.Toy;
using ScottPlot;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Reports.Figures;

/// <summary>The paths of the toy problem over the contours of the mean of its objectives.</summary>
internal static class ToyFigure
{
    private const int Points = 96; // a side of the grid
    private const double Edge = 11;

    /// <summary>Nothing where the benchmark is another.</summary>
    public static IEnumerable<Figure> Of(ReportGroup group)
    {
        var paths = group.MultiTask.Select(strategy => (strategy.Ink, Path: Path(strategy.Runs[0]))).Where(path => path.Path.Length > 0).ToList();
        if (paths.Count == 0 || group.Strategies[0].Runs[0].Record.Settings.GetValueOrDefault("benchmark") != "toy")
            yield break;
        yield return new Figure("paths", "Paths over the contours of the mean objective", plot =>
        {
            var contours = plot.Add.ContourLines(Grid(), 14);
            contours.LineColor = Ink.Text.WithAlpha(0.22);
            contours.Colormap = null;
            contours.LabelStyle.IsVisible = false;
            foreach (var (ink, path) in paths.OrderBy(path => path.Ink.IsColoured))
            {
                var line = plot.Add.ScatterLine(path, ink.Colour);
                line.LineWidth = ink.IsColoured ? 2 : 1;
                var end = plot.Add.Marker(path[^1], ink.Marker, ink.IsColoured ? 10 : 6, ink.Colour);
                if (ink.IsColoured)
                    end.LegendText = ink.Name;
            }

            plot.Axes.SetLimits(-Edge, Edge, -Edge, Edge);
            plot.XLabel("x₁");
            plot.YLabel("x₂");
        })
        {
            Height = 420,
            Caption = "A marker where each path ends.",
        };
    }

    private static Coordinates[] Path(FinishedRun run) =>
    [
        .. run.Curve.Where(epoch => epoch.Validation.ContainsKey("f1.x1"))
            .Select(epoch => new Coordinates(epoch.Validation["f1.x1"], epoch.Validation["f1.x2"])),
    ];

    private static Coordinates3d[,] Grid()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var places = Enumerable.Range(0, Points).Select(i => -Edge + 2 * Edge * i / (Points - 1)).ToArray();
        var points = tensor(places.SelectMany(y => places.SelectMany(x => new[] { (float)x, (float)y })).ToArray()).view(-1, 2);
        var values = ((ToyBenchmark.First(points) + ToyBenchmark.Second(points)) / 2).data<float>().ToArray();
        var grid = new Coordinates3d[Points, Points];
        for (var i = 0; i < values.Length; i++)
            grid[i / Points, i % Points] = new Coordinates3d(places[i % Points], places[i / Points], values[i]);
        return grid;
    }
}
