using KdMtlBench.Host.Reports.Figures;
using KdMtlBench.Host.Results;

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
        var sections = report.Groups.Select(group => Sections(group, store)).ToList();
        var inks = report.Groups.SelectMany(group => group.Strategies).Select(strategy => strategy.Ink).DistinctBy(ink => ink.Name).ToDictionary(ink => ink.Name, StringComparer.Ordinal);
        var ranks = leaderboard.Ranking is { } ranking ? RankFigure.Of(ranking, inks.GetValueOrDefault).ToList() : [];
        var path = Path.Combine(sweepFolder, "report.html");
        AtomicFile.Write(path, ReportPage.Of(report, sections, ranks));
        var figures = Path.Combine(sweepFolder, "figures");
        foreach (var (group, own) in report.Groups.Zip(sections))
            Save(own.SelectMany(section => section.Figures), report.Groups.Count == 1 ? figures : Path.Combine(figures, FolderName(group)));
        Save(ranks, figures);
        return path;
    }

    private static List<Section> Sections(ReportGroup group, RunStore store)
    {
        var inks = group.Strategies.ToDictionary(strategy => strategy.Name, strategy => strategy.Ink, StringComparer.Ordinal);
        return
        [
            new Section("Trade-off", [.. ToyFigure.Of(group), .. TradeOffFigures.Of(group), .. TradeOffFigures.Cost(group)]),
            new Section("Ranks", [.. RankFigure.Of(group.Group.Ranking, inks.GetValueOrDefault)]),
            new Section("Training", [.. CurveFigures.Of(group)], "A line is the mean over the seeds, a band reaches from the smallest to the largest."),
            new Section("Task weights", [.. CurveFigures.Weights(group)], "Mean over an epoch of the weights that were applied, as a share of their sum."),
            new Section(
                "Conflict between tasks", [.. CurveFigures.Conflict(group), .. HeatFigures.Conflict(group)],
                "Cosine between the tasks' gradients at the shared parameters after each epoch, on one batch of training images; below 0 they conflict."),
            new Section("Confusion", [.. HeatFigures.Confusion(group)], "Test images of all seeds: of a row's images, the share that was taken for a column's class."),
            new Section("Predictions", [], "The first test pictures, the lowest seed, at the selected epoch.", PredictionGrid.Html(group, store)),
        ];
    }

    private static void Save(IEnumerable<Figure> figures, string folder)
    {
        foreach (var figure in figures)
        {
            Directory.CreateDirectory(folder);
            figure.Save(folder);
        }
    }

    private static string FolderName(ReportGroup group) =>
        string.Concat(LeaderboardText.Heading(group.Group).Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '=' or '.' ? letter : '-'));
}
