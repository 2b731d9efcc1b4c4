using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace KdMtlBench.Host.Views;

/// <summary>A bar for the sweep and a line for each run under way, with its last losses and validation metrics, which go
/// below where the terminal is too narrow.</summary>
internal sealed class SweepScreen(Func<SweepState> now, RunNames runNames) : Renderable
{
    private const int LongestBar = 30;
    private const int ShortestBar = 6;
    private const string Gap = "  ";
    private const string Indent = "    ";
    private static readonly Style _done = new(Color.Green);
    private static readonly Style _open = new(Color.Grey);
    private static readonly Style _bad = new(Color.Red);

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var state = now();
        var names = state.UnderWay.Select(run => runNames.Of(run.Run)).Prepend("sweep").ToList();
        var places = state.UnderWay.Select(Place).Prepend($"{state.Share.ToString("0%", CultureInfo.InvariantCulture)}").ToList();
        var scores = state.UnderWay.Select(Scores).Prepend([$"{state.Finished} of {state.Runs} runs", .. Failed(state), .. state.Left.Length > 0 ? new[] { state.Left } : []]).ToList();
        var placeWidth = places.Max(place => place.Length);
        var nameWidth = Math.Min(names.Max(name => name.Length), Math.Max(10, maxWidth - ShortestBar - placeWidth - 2 * Gap.Length));
        var rest = maxWidth - nameWidth - placeWidth - 2 * Gap.Length;
        int[] lengths = [.. scores.Select(parts => Gap.Length + string.Join(", ", parts).Length)];
        var beside = lengths.OrderDescending().Append(0).FirstOrDefault(length => rest - length >= ShortestBar);
        var barWidth = Math.Clamp(rest - beside, 0, LongestBar);
        for (var i = 0; i < names.Count; i++)
        {
            var share = i == 0 ? state.Share : state.UnderWay[i - 1].Epochs / state.UnderWay[i - 1].Run.Training.Epochs;
            yield return new Segment(Cut(names[i], nameWidth, options).PadRight(nameWidth) + Gap);
            var full = (int)Math.Round(share * barWidth);
            yield return new Segment(new string(options.Unicode ? '━' : '#', full), _done);
            yield return new Segment(new string(options.Unicode ? '─' : '-', barWidth - full), _open);
            yield return new Segment(Gap + places[i].PadLeft(placeWidth));
            foreach (var segment in lengths[i] <= rest - barWidth ? Words(scores[i]) : Wrapped(scores[i], maxWidth))
                yield return segment;
            yield return Segment.LineBreak;
        }
    }

    private static string Place(RunUnderWay run) =>
        string.Create(CultureInfo.InvariantCulture, $"epoch {Math.Min(run.Run.Training.Epochs, (int)run.Epochs + 1)}/{run.Run.Training.Epochs}");

    /// <summary><c>depth 0.31 (absolute-error 0.212)</c>: each task's training loss and first metric.</summary>
    private static IReadOnlyList<string> Scores(RunUnderWay run) => run.Last is not { } last ? [] :
    [
        .. from task in last.TrainLosses
           let prefix = task.Key + "."
           let metric = last.Validation.FirstOrDefault(metric => metric.Key.StartsWith(prefix, StringComparison.Ordinal))
           select string.Create(CultureInfo.InvariantCulture, $"{task.Key} {task.Value:G3} ({metric.Key?[prefix.Length..]} {metric.Value:G3})"),
    ];

    private static IEnumerable<string> Failed(SweepState state) => state.Failed > 0 ? [$"{state.Failed} failed"] : [];

    private static string Cut(string text, int width, RenderOptions options) =>
        text.Length <= width ? text : options.Unicode ? text[..(width - 1)] + "…" : text[..width];

    private static IEnumerable<Segment> Words(IEnumerable<string> parts) =>
        parts.SelectMany((part, i) => new[] { new Segment(i == 0 ? Gap : ", "), Word(part) });

    private static IEnumerable<Segment> Wrapped(IReadOnlyList<string> parts, int width)
    {
        var column = width;
        for (var i = 0; i < parts.Count; i++)
        {
            var part = i + 1 < parts.Count ? parts[i] + "," : parts[i];
            if (column + 1 + part.Length <= width)
            {
                yield return new Segment(" ");
            }
            else
            {
                yield return Segment.LineBreak;
                yield return new Segment(Indent);
                column = Indent.Length;
            }

            yield return Word(part);
            column += 1 + part.Length;
        }
    }

    private static Segment Word(string text) => text.TrimEnd(',').EndsWith(" failed", StringComparison.Ordinal) ? new Segment(text, _bad) : new Segment(text);
}
