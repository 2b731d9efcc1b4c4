using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Results.Leaderboards;
using ScottPlot;

namespace KdMtlBench.Host.Reports.Figures;

/// <summary>Mean ranks on a line; a bar joins strategies that Nemenyi's critical difference does not tell apart.</summary>
/// <remarks>Demšar, JMLR 7 (2006), figure 1.</remarks>
internal static class RankFigure
{
    private const int Width = 820;
    private const int RowHeight = 17;
    private const double LetterWidth = 6.6; // pixels at a font size of 11
    private const int LongestName = 34;
    private const double TickWidth = 24;

    /// <summary>Nothing where there is no test.</summary>
    public static IEnumerable<Figure> Of(BlockRanking ranking, Func<string, Ink?> ink)
    {
        if (ranking.Test is not { } test)
            yield break;
        var groups = NotTold([.. ranking.Ranks.Select(rank => rank.MeanRank)], test.CriticalDifference);
        var rows = (ranking.Ranks.Count + 1) / 2;
        yield return new Figure("critical-difference", "Mean places and Nemenyi's critical difference", plot => Draw(plot, ranking.Ranks, groups, test.CriticalDifference, ink))
        {
            Width = Width,
            Height = 90 + 8 * groups.Count + RowHeight * rows,
            HasLegend = false,
            Caption = $"Places by Δ task over {ranking.Blocks} {(ranking.Groups > 1 ? "blocks (benchmark × seed)" : "seeds")}, 1 is best. "
                + "A bar joins strategies that are nearer than the critical difference. "
                + $"Friedman's test: {LeaderboardText.Probability(test.Probability)}{(test.Probability >= Statistics.Significance ? ", so no difference at all is shown" : "")}.",
        };
    }

    /// <summary>The longest runs of neighbours, as first and last index, whose ends are nearer than the critical difference.</summary>
    public static IReadOnlyList<(int First, int Last)> NotTold(IReadOnlyList<double> ranks, double criticalDifference)
    {
        var runs = new List<(int First, int Last)>();
        for (var first = 0; first < ranks.Count; first++)
        {
            var last = first;
            while (last + 1 < ranks.Count && ranks[last + 1] - ranks[first] < criticalDifference)
                last++;
            if (last > first && (runs.Count == 0 || last > runs[^1].Last))
                runs.Add((first, last));
        }

        return runs;
    }

    private static void Draw(Plot plot, IReadOnlyList<BlockRank> ranks, IReadOnlyList<(int First, int Last)> groups, double criticalDifference, Func<string, Ink?> ink)
    {
        // Coordinates: places from left to right, pixels from the axis down.
        var count = ranks.Count;
        var bars = 14.0 + 8 * groups.Count;
        var room = (30 + LetterWidth * (6 + ranks.Max(rank => Short(rank.Strategy).Length))) / Width; // for names, on both sides
        var side = (count - 1) * room / (1 - 2 * room);
        plot.HideAxesAndGrid();
        plot.Axes.SetLimits(1 - side, count + side, -(bars + RowHeight * ((count + 1) / 2) + 12), 62);
        Line(plot, 1, 0, count, 0, Ink.Text, 1.2f);
        var step = Math.Max(1, (int)Math.Ceiling(TickWidth * count / (Width * (1 - 2 * room))));
        for (var place = 1; place <= count; place += step)
        {
            Line(plot, place, 0, place, 6, Ink.Text, 1);
            Label(plot, $"{place}", place, 8, Alignment.LowerCenter, Ink.Text);
        }

        var span = Math.Min(criticalDifference, count - 1);
        Line(plot, 1, 34, 1 + span, 34, Ink.Text, 2);
        Label(plot, $"critical difference {Units.Number(criticalDifference)}", 1, 38, Alignment.LowerLeft, Ink.Text);
        foreach (var ((first, last), i) in groups.Select((group, i) => (group, i)))
            Line(plot, ranks[first].MeanRank, -(8 + 8 * i), ranks[last].MeanRank, -(8 + 8 * i), Ink.Text.WithAlpha(0.75), 3.5f);
        for (var i = 0; i < count; i++)
        {
            var left = i < (count + 1) / 2;
            var y = -(bars + RowHeight * (left ? i : count - 1 - i) + 6);
            var colour = ink(ranks[i].Strategy)?.Colour ?? Ink.Text;
            var end = left ? 1 - side * 0.06 : count + side * 0.06;
            Line(plot, ranks[i].MeanRank, 0, ranks[i].MeanRank, y, colour, 1);
            Line(plot, ranks[i].MeanRank, y, end, y, colour, 1);
            var text = left ? $"{Short(ranks[i].Strategy)}  {ranks[i].MeanRank:0.0}" : $"{ranks[i].MeanRank:0.0}  {Short(ranks[i].Strategy)}";
            Label(plot, FormattableString.Invariant($"{text}"), left ? end - side * 0.02 : end + side * 0.02, y, left ? Alignment.MiddleRight : Alignment.MiddleLeft, colour);
        }
    }

    private static string Short(string name) => name.Length <= LongestName ? name : name[..(LongestName - 1)] + "…";

    private static void Line(Plot plot, double x1, double y1, double x2, double y2, Color colour, float width)
    {
        var line = plot.Add.Line(x1, y1, x2, y2);
        (line.LineColor, line.LineWidth) = (colour, width);
    }

    private static void Label(Plot plot, string text, double x, double y, Alignment alignment, Color colour)
    {
        var label = plot.Add.Text(text, x, y);
        (label.LabelFontSize, label.LabelAlignment, label.LabelFontColor) = (11, alignment, colour);
    }
}
