using KdMtlBench.Host.Reports.Figures;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Reports;

/// <summary>A sweep's <c>report.html</c>, and its pictures in <c>figures/</c> as PNG and SVG.</summary>
internal static class ReportFiles
{
    /// <param name="sweepFolder">results/&lt;name&gt;.</param>
    /// <param name="leaderboard">Of these records.</param>
    /// <param name="records">Of the sweep.</param>
    /// <returns>The page's path.</returns>
    public static string Write(string sweepFolder, Leaderboard leaderboard, IReadOnlyList<RunRecord> records)
    {
        var store = new RunStore(sweepFolder);
        var report = SweepReport.Of(leaderboard, records, store);
        var ranks = leaderboard.Ranking is { } ranking ? RankFigure.Of(ranking, report.Ink).ToList() : [];
        var figures = Path.Combine(sweepFolder, "figures");
        var sections = new List<IReadOnlyList<Section>>();
        foreach (var group in report.Groups)
        {
            var folder = report.Groups.Count == 1 ? figures : Path.Combine(figures, FolderName(group));
            var grids = PredictionGrid.Of(group, store);
            var own = Sections(group, grids);
            Save(own.SelectMany(section => section.Figures), folder);
            foreach (var grid in grids)
            {
                grid.Save(folder);
                grid.Dispose();
            }

            sections.Add(own);
        }

        Save(ranks, figures);
        var path = Path.Combine(sweepFolder, "report.html");
        AtomicFile.Write(path, ReportPage.Of(report, sections, ranks));
        return path;
    }

    private static List<Section> Sections(ReportGroup group, IReadOnlyList<PredictionGrid> grids)
    {
        return
        [
            new Section("Trade-off", [.. ToyFigure.Of(group), .. TradeOffFigures.Of(group), .. TradeOffFigures.Cost(group)]),
            new Section("Ranks", [.. RankFigure.Of(group.Group.Ranking, group.Ink)]),
            new Section("Training", [.. CurveFigures.Of(group)], "A line is the mean over the seeds, a band reaches from the smallest to the largest."),
            new Section("Task weights", [.. CurveFigures.Weights(group)], "Mean over an epoch of the weights that were recorded, as a share of their sum."),
            new Section(
                "Conflict between tasks", [.. CurveFigures.Conflict(group), .. HeatFigures.Conflict(group)],
                "Cosine between the tasks' gradients at the shared parameters after each epoch, on one batch of training images; below 0 they conflict."),
            new Section("Confusion", [.. HeatFigures.Confusion(group)], "Test images of all seeds: of a row's images, the share that was taken for a column's class."),
            new Section("Predictions", [], "The first test pictures, the lowest seed, at the selected epoch.", string.Concat(grids.Select(grid => grid.Html()))),
        ];
    }

    private static void Save(IEnumerable<Figure> figures, string folder)
    {
        foreach (var figure in figures)
            figure.Save(folder);
    }

    private static string FolderName(ReportGroup group) =>
        string.Concat(LeaderboardText.Heading(group.Group).Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '=' or '.' ? letter : '-'));
}
