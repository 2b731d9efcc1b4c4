using KdMtlBench.Host.Storage;
using ScottPlot;
using SkiaSharp;

namespace KdMtlBench.Host.Reports;

/// <summary>A picture of the report: in the page without title and legend, which the page has itself, and with both as a file.</summary>
/// <param name="Name">Of its files, without ending; kebab-case.</param>
/// <param name="Title">A line.</param>
/// <param name="Draw">Draws on an empty plot.</param>
internal sealed record Figure(string Name, string Title, Action<Plot> Draw)
{
    private const int LegendMargin = 60;
    private const double LetterWidth = 6.7; // pixels at a font size of 11

    static Figure()
    {
        Fonts.FontResolvers.Insert(0, ShippedFont.Instance);
        Fonts.Default = ShippedFont.Family;
    }

    /// <summary>The font of all pictures.</summary>
    public static SKTypeface Typeface => ShippedFont.Instance.CreateTypeface(ShippedFont.Family, bold: false, italic: false);

    /// <summary>Pixels of the page.</summary>
    public int Width { get; init; } = 460;

    /// <summary>Pixels of the page.</summary>
    public int Height { get; init; } = 300;

    /// <summary>What there is to know, below the picture.</summary>
    public string Caption { get; init; } = "";

    /// <summary>Whether the file gets a legend of the coloured strategies.</summary>
    public bool HasLegend { get; init; } = true;

    /// <summary>For the page: a transparent ground, no title, no legend.</summary>
    public string Svg()
    {
        using var plot = NewPlot();
        Draw(plot);
        plot.HideLegend();
        return plot.GetSvgXml(Width, Height);
    }

    /// <summary>Writes NAME.svg and NAME.png, this one at twice the pixels.</summary>
    public void Save(string folder)
    {
        using var plot = NewPlot();
        plot.FigureBackground.Color = Colors.White;
        plot.Title(Title, size: 14);
        Draw(plot);
        var names = HasLegend ? plot.Legend.GetItems().Select(item => item.LabelText.Length).DefaultIfEmpty(0).Max() : 0;
        var width = Width + (HasLegend ? LegendMargin + (int)(LetterWidth * names) : 0);
        if (HasLegend)
            plot.ShowLegend(Edge.Right);
        else
            plot.HideLegend();
        AtomicFile.Write(Path.Combine(folder, Name + ".svg"), plot.GetSvgXml(width, Height));
        plot.ScaleFactor = 2;
        var png = plot.GetImageBytes(2 * width, 2 * Height, ImageFormat.Png);
        AtomicFile.Write(Path.Combine(folder, Name + ".png"), stream => stream.Write(png));
    }

    private static Plot NewPlot()
    {
        var plot = new Plot();
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        plot.Font.Set(ShippedFont.Family);
        plot.Axes.Color(Ink.Text);
        plot.Grid.MajorLineColor = Ink.Text.WithAlpha(0.12);
        plot.Axes.Title.Label.ForeColor = Ink.Text;
        plot.Axes.Title.Label.Bold = false;
        plot.Legend.FontColor = Ink.Text;
        plot.Legend.FontSize = 11;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.BackgroundColor = Colors.Transparent;
        foreach (var axis in plot.Axes.GetAxes())
        {
            axis.Label.Bold = false;
            axis.Label.FontSize = 12;
            axis.TickLabelStyle.FontSize = 11;
        }

        return plot;
    }

    /// <summary>The font in this program: pictures do not depend on the machine's.</summary>
    private sealed class ShippedFont : IFontResolver
    {
        public const string Family = "DejaVu Sans";
        public static readonly ShippedFont Instance = new();

        private readonly SKTypeface _typeface = SKTypeface.FromStream(PageParts.Open(PageParts.Font))
            ?? throw new InvalidOperationException("the font in this program cannot be read");

        public SKTypeface CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) => _typeface;

        public SKTypeface CreateTypeface(string fontName, bool bold, bool italic) => _typeface;
    }
}
