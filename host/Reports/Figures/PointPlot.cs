using ScottPlot;

namespace KdMtlBench.Host.Reports.Figures;

/// <summary>Strategies as points in the plane, the best ones with their names.</summary>
internal static class PointPlot
{
    private const double LetterWidth = 6.4; // pixels at a font size of 10
    private const double LineHeight = 13;

    /// <summary>Draws the points, and sets the limits around them.</summary>
    /// <param name="plot">Empty.</param>
    /// <param name="points">Where each one is.</param>
    /// <param name="size">Pixels of the area between the axes, nearly.</param>
    public static void Draw(Plot plot, IReadOnlyList<PlotPoint> points, (double Width, double Height) size)
    {
        var limits = Limits(points);
        plot.Axes.SetLimits(limits);
        foreach (var point in points.OrderBy(point => point.IsNamed))
        {
            Bars(plot, point);
            var marker = plot.Add.Marker(point.X, point.Y, point.IsNamed ? point.Ink.Marker : MarkerShape.OpenCircle, point.IsNamed ? 9 : 6, Colour(point));
            marker.MarkerLineWidth = 1.5f;
            if (point.IsNamed)
                marker.LegendText = point.Ink.Name;
        }

        var taken = points.Select(point => Box(point, 0, 5, 5)).ToList();
        foreach (var point in points.Where(point => point.IsNamed))
        {
            var width = LetterWidth * point.Ink.Name.Length;
            var place = Places(width).Select(offset => (Offset: offset, Box: Box(point, offset.X, offset.Y, width)))
                .Where(place => place.Box.Left > 0 && place.Box.Right < size.Width && !taken.Exists(place.Box.Overlaps))
                .Select(place => ((double X, double Y, Box Box)?)(place.Offset.X, place.Offset.Y, place.Box)).FirstOrDefault();
            if (place is not { } free)
                continue; // the point's title in the page names it
            taken.Add(free.Box);
            var text = plot.Add.Text(point.Ink.Name, point.X, point.Y);
            text.LabelFontSize = 10;
            text.LabelFontColor = Colour(point);
            text.LabelAlignment = Alignment.MiddleLeft;
            (text.OffsetX, text.OffsetY) = ((float)free.X, (float)free.Y);
        }

        return;

        Box Box(PlotPoint point, double dx, double dy, double width)
        {
            var x = (point.X - limits.Left) / limits.HorizontalSpan * size.Width + dx;
            var y = (limits.Top - point.Y) / limits.VerticalSpan * size.Height + dy;
            return new Box(x, x + width, y - LineHeight / 2, y + LineHeight / 2);
        }
    }

    private static Color Colour(PlotPoint point) => point.IsNamed ? point.Ink.Colour : point.Ink.Grey;

    /// <summary>Right of the point, left of it, above, below, and farther off.</summary>
    private static IEnumerable<(double X, double Y)> Places(double width) =>
        from dy in new double[] { 0, -13, 13, -26, 26 }
        from dx in dy == 0 ? new[] { 8, -8 - width } : [8, -8 - width, -width / 2]
        select (dx, dy);

    private static void Bars(Plot plot, PlotPoint point)
    {
        if (!point.IsNamed)
            return;
        foreach (var line in new[]
        {
            point.XInterval is { } x ? plot.Add.Line(point.X - x, point.Y, point.X + x, point.Y) : null,
            point.YInterval is { } y ? plot.Add.Line(point.X, point.Y - y, point.X, point.Y + y) : null,
        })
        {
            if (line is null)
                continue;
            line.LineColor = point.Ink.Colour.WithAlpha(0.45);
            line.LineWidth = 1;
        }
    }

    /// <summary>Around all points, and the intervals of named ones as far as they do not dwarf everything else.</summary>
    private static AxisLimits Limits(IReadOnlyList<PlotPoint> points)
    {
        var (left, right) = Range([.. points.Select(point => point.X)]);
        var (bottom, top) = Range([.. points.Select(point => point.Y)]);
        return new AxisLimits(left, right, bottom, top);
    }

    private static (double Low, double High) Range(IReadOnlyList<double> values)
    {
        var (low, high) = (values.Min(), values.Max());
        var margin = high > low ? 0.14 * (high - low) : Math.Max(Math.Abs(high) * 0.1, 1e-6);
        return (low - margin, high + margin);
    }

    private readonly record struct Box(double Left, double Right, double Top, double Bottom)
    {
        public bool Overlaps(Box other) => Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;
    }
}

/// <summary>A strategy in a plane of two qualities.</summary>
/// <param name="Ink">Of the strategy.</param>
/// <param name="X">Place.</param>
/// <param name="Y">Place.</param>
/// <param name="XInterval">Half width of the 95 % confidence interval, where there is one.</param>
/// <param name="YInterval">As <paramref name="XInterval"/>.</param>
/// <param name="IsNamed">Whether it is set off and named; the others are grey.</param>
internal sealed record PlotPoint(Ink Ink, double X, double Y, double? XInterval, double? YInterval, bool IsNamed);
