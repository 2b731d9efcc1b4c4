using System.Globalization;
using System.Net;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training;
using SkiaSharp;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Reports;

/// <summary>The first test pictures as every strategy sees them: input, truth, predictions and their errors.</summary>
/// <param name="TaskId">Of one task.</param>
/// <param name="Scales">HTML: what the colours mean.</param>
/// <param name="Rows">Input and truth first.</param>
internal sealed record PredictionGrid(string TaskId, string Scales, IReadOnlyList<GridRow> Rows) : IDisposable
{
    private const int MostRows = 60;
    private const double LargestAngle = 60; // degrees, the end of the scale
    private const double LargestShare = 0.25; // of the range of depths, the end of the scale of errors
    private static readonly ScottPlot.IColormap _values = new ScottPlot.Colormaps.Viridis();
    private static readonly ScottPlot.IColormap _errors = new ScottPlot.Colormaps.Inferno();
    private static readonly SKColor _void = new(40, 40, 40);
    private static readonly SKColor _right = new(225, 228, 232);
    private static readonly SKColor _wrong = new(181, 23, 158); // of no class

    // Okabe & Ito's eight, then lighter and darker ones of other hues.
    private static readonly string[] _classes =
    [
        "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000", "#8C6BB1", "#7F7F7F",
        "#A6D854", "#E5C494", "#1B4F72", "#7E5109", "#145A32", "#641E16", "#AED6F1", "#F5B7B1", "#D5F5E3",
    ];

    private const int NameWidth = 190; // pixels of the file
    private const int Gap = 4;

    /// <summary>One a task; none where no run kept pictures. The caller's to dispose.</summary>
    public static IReadOnlyList<PredictionGrid> Of(ReportGroup group, RunStore store)
    {
        using var scope = NewDisposeScope();
        var kept = group.Strategies.Take(MostRows).SelectMany(strategy => strategy.Runs
            .Where(run => File.Exists(store.PicturesPath(run.Record.Id)))
            .Select(run => (strategy.Name, Pictures: TensorFile.Open(store.PicturesPath(run.Record.Id))))).ToList();
        try
        {
            return [.. group.Tasks.Select(task => (task, Rows: kept.FindAll(row => row.Pictures.Metadata.ContainsKey(task))))
                .Where(task => task.Rows.Count > 0)
                .Select(task => Of(task.task, task.Rows))];
        }
        finally
        {
            foreach (var (_, pictures) in kept)
                pictures.Dispose();
        }
    }

    /// <summary>A table with its scales.</summary>
    public string Html()
    {
        var rows = Rows.Select(row => $"<tr><td>{WebUtility.HtmlEncode(row.Name)}</td><td>{Tag(row.Picture)}</td><td>{(row.Error is null ? "" : Tag(row.Error))}</td></tr>");
        return $"<h4>{WebUtility.HtmlEncode(TaskId)}</h4><div class=\"swatches\">{Scales}</div><div class=\"scroll grid\"><table><thead><tr><th scope=\"col\">strategy</th>"
            + $"<th scope=\"col\">prediction</th><th scope=\"col\">error</th></tr></thead><tbody>{string.Concat(rows)}</tbody></table></div>";
    }

    /// <summary>Writes the table as predictions-TASK.png.</summary>
    public void Save(string folder)
    {
        var (width, height) = (Zoom * Rows[0].Picture.Width, Zoom * Rows[0].Picture.Height);
        using var surface = SKSurface.Create(new SKImageInfo(NameWidth + 2 * width + 4 * Gap, Rows.Count * (height + Gap) + Gap));
        surface.Canvas.Clear(SKColors.White);
        using var font = new SKFont(Figure.Typeface, 13);
        using var ink = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        foreach (var (i, row) in Rows.Index())
        {
            var top = Gap + i * (height + Gap);
            surface.Canvas.DrawText(row.Name, Gap, top + height / 2f + 5, font, ink);
            foreach (var (column, picture) in new[] { row.Picture, row.Error }.Index())
                if (picture is not null)
                    surface.Canvas.DrawBitmap(picture, SKRect.Create(NameWidth + column * (width + 2 * Gap), top, width, height));
        }

        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(Path.Combine(folder, $"predictions-{TaskId}.png"), stream => data.SaveTo(stream));
    }

    public void Dispose()
    {
        foreach (var row in Rows)
        {
            row.Picture.Dispose();
            row.Error?.Dispose();
        }
    }

    private int Zoom => Math.Max(1, (int)Math.Round(360.0 / Rows[0].Picture.Width));

    private static PredictionGrid Of(string task, List<(string Name, TensorFile Pictures)> rows)
    {
        var first = rows[0].Pictures;
        var kind = Enum.Parse<TaskKind>(first.Metadata[task]);
        var truth = Planes.Of(first.Read(task + TestPictures.Truth));
        var (low, high) = kind == TaskKind.Regression ? truth.Range() : (0, 1);
        var input = Planes.Of(first.Read(TestPictures.Input));
        return new PredictionGrid(
            task,
            ScalesOf(first, task, kind, truth, low, high),
            [
                new GridRow("input", Picture(input, (picture, place) => Rgb(input, picture, place, 1)), null),
                new GridRow("truth", Picture(truth, (picture, place) => Colour(truth, truth, picture, place, kind, low, high, blank: true)), null),
                .. rows.Select(row =>
                {
                    var prediction = Planes.Of(row.Pictures.Read(task + TestPictures.Prediction));
                    return new GridRow(
                        row.Name,
                        Picture(prediction, (picture, place) => Colour(prediction, truth, picture, place, kind, low, high, blank: false)),
                        Picture(prediction, (picture, place) => Error(prediction, truth, picture, place, kind, high - low)));
                }),
            ]);
    }

    private static string ScalesOf(TensorFile file, string task, TaskKind kind, Planes truth, double low, double high)
    {
        var unit = file.Metadata[task + TestPictures.Unit];
        var ends = kind switch
        {
            TaskKind.Classification => Classes(file.Metadata[task + TestPictures.Classes], truth) + Swatch(_right, "right") + Swatch(_wrong, "wrong"),
            TaskKind.Regression => Ramp(_values, low, high, unit) + "error:" + Ramp(_errors, 0, LargestShare * (high - low), unit),
            _ => $"Colours: x, y, z of the direction as red, green, blue. Error:{Ramp(_errors, 0, LargestAngle, "°")}",
        };
        return ends + Swatch(_void, "no truth there");
    }

    private static string Classes(string names, Planes truth)
    {
        string[] given = names.Length > 0 ? names.Split(',') : [.. Enumerable.Range(0, (int)truth.Range().High + 1).Select(number => $"class {number}")];
        return string.Concat(given.Select((name, i) => Swatch(ClassColour(i), name)));
    }

    private static string Swatch(SKColor colour, string name) =>
        $"<span><span class=\"chip\" style=\"background:#{colour.Red:x2}{colour.Green:x2}{colour.Blue:x2}\"></span>{WebUtility.HtmlEncode(name)}</span>";

    private static string Ramp(ScottPlot.IColormap colours, double low, double high, string unit) =>
        $"<span>{Text(low)}<span class=\"ramp\" style=\"background:linear-gradient(90deg,{string.Join(',', Enumerable.Range(0, 9).Select(i => colours.GetColor(i / 8.0).ToHex()))})\"></span>{Text(high)} {WebUtility.HtmlEncode(unit)}</span>";

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static SKColor ClassColour(int number) => SKColor.Parse(_classes[number % _classes.Length]);

    private static SKColor Colour(Planes values, Planes truth, int picture, int place, TaskKind kind, double low, double high, bool blank) => kind switch
    {
        _ when blank && !truth.IsValid(picture, place, kind) => _void,
        TaskKind.Classification => ClassColour((int)values[picture, 0, place]),
        TaskKind.Regression => Of(_values, (values[picture, 0, place] - low) / (high - low)),
        _ => Rgb(values, picture, place, 127.5, 1),
    };

    private static SKColor Error(Planes values, Planes truth, int picture, int place, TaskKind kind, double range)
    {
        if (!truth.IsValid(picture, place, kind))
            return _void;
        if (kind == TaskKind.Classification)
            return values[picture, 0, place] == truth[picture, 0, place] ? _right : _wrong;
        if (kind == TaskKind.Regression)
            return Of(_errors, Math.Abs(values[picture, 0, place] - truth[picture, 0, place]) / (LargestShare * range));
        var cosine = Enumerable.Range(0, 3).Sum(channel => (double)values[picture, channel, place] * truth[picture, channel, place]);
        return Of(_errors, Math.Acos(Math.Clamp(cosine, -1, 1)) * 180 / Math.PI / LargestAngle);
    }

    private static SKColor Of(ScottPlot.IColormap colours, double position)
    {
        var colour = colours.GetColor(double.IsNaN(position) ? 0 : Math.Clamp(position, 0, 1));
        return new SKColor(colour.R, colour.G, colour.B);
    }

    private static SKColor Rgb(Planes values, int picture, int place, double scale, double offset = 0)
    {
        return new SKColor(Channel(0), Channel(1), Channel(2));

        byte Channel(int channel) => (byte)Math.Clamp((values[picture, channel, place] + offset) * scale, 0, 255);
    }

    /// <summary>The pictures side by side.</summary>
    private static SKBitmap Picture(Planes planes, Func<int, int, SKColor> colour)
    {
        var bitmap = new SKBitmap(planes.Pictures * (planes.Width + Gap) - Gap, planes.Height);
        bitmap.Erase(SKColors.Transparent);
        for (var picture = 0; picture < planes.Pictures; picture++)
            for (var place = 0; place < planes.Width * planes.Height; place++)
                bitmap.SetPixel(picture * (planes.Width + Gap) + place % planes.Width, place / planes.Width, colour(picture, place));
        return bitmap;
    }

    private string Tag(SKBitmap bitmap)
    {
        using var data = bitmap.Encode(SKEncodedImageFormat.Webp, 90);
        return $"<img alt=\"\" width=\"{bitmap.Width * Zoom}\" height=\"{bitmap.Height * Zoom}\" src=\"data:image/webp;base64,{Convert.ToBase64String(data.AsSpan())}\">";
    }

    /// <summary>Values of [pictures, channels, height, width].</summary>
    private sealed record Planes(float[] Values, int Pictures, int Channels, int Height, int Width)
    {
        public float this[int picture, int channel, int place] => Values[(picture * Channels + channel) * Height * Width + place];

        public static Planes Of(Tensor tensor)
        {
            var shape = tensor.shape;
            return new Planes(tensor.to(ScalarType.Float32).data<float>().ToArray(), (int)shape[0], shape.Length == 4 ? (int)shape[1] : 1, (int)shape[^2], (int)shape[^1]);
        }

        /// <summary>A class below 0, a value of 0 and a direction of no length stand for no truth.</summary>
        public bool IsValid(int picture, int place, TaskKind kind) => kind == TaskKind.Classification
            ? this[picture, 0, place] >= 0
            : Enumerable.Range(0, Channels).Any(channel => this[picture, channel, place] != 0);

        /// <summary>Of the values that are not 0.</summary>
        public (double Low, double High) Range()
        {
            var valid = Values.Where(value => value != 0 && float.IsFinite(value)).Select(value => (double)value).DefaultIfEmpty(0).ToList();
            return (valid.Min(), Math.Max(valid.Max(), valid.Min() + 1e-6));
        }
    }
}

/// <summary>A row of the grid.</summary>
/// <param name="Name">Of the strategy.</param>
/// <param name="Picture">All pictures side by side.</param>
/// <param name="Error">The same; null where there can be none.</param>
internal sealed record GridRow(string Name, SKBitmap Picture, SKBitmap? Error);
