using System.Globalization;
using System.Net;
using System.Text;
using KdMtlBench.Host.Results;
using KdMtlBench.Host.Training;
using SkiaSharp;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Reports;

/// <summary>The first test pictures as every strategy sees them: input, truth, prediction and error, task by task.</summary>
internal static class PredictionGrid
{
    private const int MostRows = 60;
    private const double LargestAngle = 60; // degrees, the end of the scale
    private const double LargestShare = 0.25; // of the range of depths, the end of the scale of errors
    private static readonly ScottPlot.IColormap _values = new ScottPlot.Colormaps.Viridis();
    private static readonly ScottPlot.IColormap _errors = new ScottPlot.Colormaps.Inferno();
    private static readonly SKColor _void = new(40, 40, 40);
    private static readonly SKColor _right = new(225, 228, 232);
    private static readonly SKColor _wrong = new(213, 94, 0);

    // Okabe & Ito's eight, then lighter and darker ones of other hues.
    private static readonly string[] _classes =
    [
        "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000", "#8C6BB1", "#7F7F7F",
        "#A6D854", "#E5C494", "#1B4F72", "#7E5109", "#145A32", "#641E16", "#AED6F1", "#F5B7B1", "#D5F5E3",
    ];

    /// <summary>Empty where no run kept pictures.</summary>
    public static string Html(ReportGroup group, RunStore store)
    {
        using var scope = NewDisposeScope();
        var kept = group.Strategies.Take(MostRows).SelectMany(strategy => strategy.Runs
            .Where(run => File.Exists(store.PicturesPath(run.Record.Id)))
            .Select(run => (strategy.Name, Pictures: TensorFile.Open(store.PicturesPath(run.Record.Id))))).ToList();
        try
        {
            var html = new StringBuilder();
            foreach (var task in group.Tasks)
            {
                var rows = kept.Where(row => row.Pictures.Metadata.ContainsKey(task)).ToList();
                if (rows.Count > 0)
                    Task(html, task, rows);
            }

            return html.ToString();
        }
        finally
        {
            foreach (var (_, pictures) in kept)
                pictures.Dispose();
        }
    }

    private static void Task(StringBuilder html, string task, List<(string Name, TensorFile Pictures)> rows)
    {
        var first = rows[0].Pictures;
        var kind = Enum.Parse<TaskKind>(first.Metadata[task]);
        var truth = Planes.Of(first.Read(task + TestPictures.Truth));
        var (low, high) = kind == TaskKind.Regression ? truth.Range() : (0, 1);
        html.Append($"<h4>{WebUtility.HtmlEncode(task)}</h4>");
        Scales(html, first, task, kind, truth, low, high);
        html.Append("<div class=\"scroll grid\"><table><thead><tr><th scope=\"col\">strategy</th><th scope=\"col\">prediction</th><th scope=\"col\">error</th></tr></thead><tbody>");
        var input = Planes.Of(first.Read(TestPictures.Input));
        Row(html, "input", Image(input, (picture, place) => Rgb(input, picture, place, 1), lossy: true), "");
        Row(html, "truth", Image(truth, (picture, place) => Colour(truth, truth, picture, place, kind, low, high, blank: true), kind != TaskKind.Classification), "");
        foreach (var (name, pictures) in rows)
        {
            var prediction = Planes.Of(pictures.Read(task + TestPictures.Prediction));
            Row(html, name,
                Image(prediction, (picture, place) => Colour(prediction, truth, picture, place, kind, low, high, blank: false), kind != TaskKind.Classification),
                Image(prediction, (picture, place) => Error(prediction, truth, picture, place, kind, high - low), kind != TaskKind.Classification));
        }

        html.Append("</tbody></table></div>");
    }

    private static void Row(StringBuilder html, string name, string first, string second) =>
        html.Append($"<tr><td>{WebUtility.HtmlEncode(name)}</td><td>{first}</td><td>{second}</td></tr>");

    private static void Scales(StringBuilder html, TensorFile file, string task, TaskKind kind, Planes truth, double low, double high)
    {
        var unit = file.Metadata[task + TestPictures.Unit];
        var ends = kind switch
        {
            TaskKind.Classification => Classes(file.Metadata[task + TestPictures.Classes], truth) + Swatch(_right, "right") + Swatch(_wrong, "wrong"),
            TaskKind.Regression => Ramp(_values, low, high, unit) + "error:" + Ramp(_errors, 0, LargestShare * (high - low), unit),
            _ => $"Colours: x, y, z of the direction as red, green, blue. Error:{Ramp(_errors, 0, LargestAngle, "°")}",
        };
        html.Append($"<div class=\"swatches\">{ends}{Swatch(_void, "no truth there")}</div>");
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
    private static string Image(Planes planes, Func<int, int, SKColor> colour, bool lossy)
    {
        const int gap = 4;
        using var bitmap = new SKBitmap(planes.Pictures * (planes.Width + gap) - gap, planes.Height);
        bitmap.Erase(SKColors.Transparent);
        for (var picture = 0; picture < planes.Pictures; picture++)
            for (var place = 0; place < planes.Width * planes.Height; place++)
                bitmap.SetPixel(picture * (planes.Width + gap) + place % planes.Width, place / planes.Width, colour(picture, place));
        using var data = lossy ? bitmap.Encode(SKEncodedImageFormat.Webp, 88) : bitmap.Encode(SKEncodedImageFormat.Png, 100);
        var zoom = Math.Max(1, (int)Math.Round(120.0 / planes.Width));
        return $"<img alt=\"\" width=\"{bitmap.Width * zoom}\" height=\"{bitmap.Height * zoom}\" src=\"data:image/{(lossy ? "webp" : "png")};base64,{Convert.ToBase64String(data.AsSpan())}\">";
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
