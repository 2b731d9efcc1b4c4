using KdMtlBench.Host.Results.Leaderboards;

namespace KdMtlBench.Host.Reports;

/// <summary>The report as one HTML file that needs nothing else: no network, no other file.</summary>
internal sealed class ReportPage
{
    private readonly PageBuilder _page = new();
    private readonly SweepReport _report;

    private ReportPage(SweepReport report) => _report = report;

    /// <param name="report">What is shown.</param>
    /// <param name="figures">Of each group, by section, in the report's order.</param>
    /// <param name="rankFigures">Over all groups.</param>
    public static string Of(SweepReport report, IReadOnlyList<IReadOnlyList<Section>> figures, IReadOnlyList<Figure> rankFigures)
    {
        var page = new ReportPage(report);
        page.Head();
        foreach (var (group, sections) in report.Groups.Zip(figures))
            page.Group(group, sections);
        page.AllGroups(rankFigures);
        return page._page.Build(LeaderboardText.Title(report.Leaderboard), LeaderboardText.Legend("green"));
    }

    private void Head()
    {
        var leaderboard = _report.Leaderboard;
        _page.Header(LeaderboardText.Title(leaderboard));
        if (leaderboard.Unfinished is { } unfinished)
            _page.Append($"<p><strong>{PageBuilder.Text(unfinished)}</strong></p>");
        if (_report.Groups.Count > 1)
            _page.Append($"<nav>{string.Concat(_report.Groups.Select((group, i) => $"<a href=\"#g{i}\">{PageBuilder.Text(LeaderboardText.Heading(group.Group))}</a>"))}</nav>");
        Constants("What all runs have in common", leaderboard.Constants);
    }

    private void Group(ReportGroup group, IReadOnlyList<Section> sections)
    {
        _page.Append($"<section><h2 id=\"g{_report.Groups.Index().First(one => one.Item == group).Index}\">{PageBuilder.Text(LeaderboardText.Heading(group.Group))}</h2>");
        if (VerdictText.Sentences(group.Group) is { Count: > 0 } verdict)
            _page.Append($"<div class=\"verdict\">{string.Concat(verdict.Select(sentence => $"<p>{PageBuilder.Text(sentence)}</p>"))}</div>");
        Constants("What these runs have in common", group.Group.Constants);
        _page.Table(LeaderboardTable.Quality(group.Group), group.Inks);
        _page.Items("notes", group.Group.Notes);
        if (group.Group.Failures.Count > 0)
        {
            _page.Append("<h3>Failed runs</h3>");
            _page.Items("failures", group.Group.Failures.Select(LeaderboardText.Failure));
        }

        if (LeaderboardTable.Tasks(group.Group) is { } tasks)
        {
            _page.Append("<h3>Δ by task</h3>");
            _page.Table(tasks, group.Inks);
        }

        _page.Append("<h3>Cost</h3>");
        _page.Table(LeaderboardTable.Cost(group.Group), group.Inks);
        if (LeaderboardTable.Verdicts(group.Group) is { } verdicts)
        {
            _page.Append("<h3>Verdicts</h3>");
            _page.Table(verdicts, group.Inks);
            _page.Items("notes", LeaderboardText.Ranking(group.Group.Ranking));
        }

        _page.Append("<h3>Pictures</h3>");
        _page.Legend(group.MultiTask.Select(strategy => strategy.Ink));
        foreach (var section in sections.Where(section => section.Figures.Count > 0 || section.Html.Length > 0))
        {
            _page.Append($"<h3>{PageBuilder.Text(section.Title)}</h3>");
            if (section.Note.Length > 0)
                _page.Append($"<p class=\"notes\">{PageBuilder.Text(section.Note)}</p>");
            _page.Append(section.Html);
            if (section.Figures.Count > 0)
                _page.Figures(section.Figures, group.Inks);
        }

        _page.Append("</section>");
    }

    private void AllGroups(IReadOnlyList<Figure> figures)
    {
        if (_report.Leaderboard.Ranking is not { } ranking || LeaderboardTable.Places(ranking) is not { } places)
            return;
        _page.Append($"<h2>{LeaderboardText.AllGroupsHeading}</h2>");
        _page.Table(places, _report.Groups[0].Inks);
        _page.Items("notes", LeaderboardText.Ranking(ranking));
        _page.Figures(figures, _report.Groups[0].Inks);
    }

    private void Constants(string summary, IReadOnlyDictionary<string, string> constants)
    {
        if (constants.Count > 0)
            _page.Append($"<details><summary>{summary}</summary><dl>{string.Concat(LeaderboardText.Constants(constants).Select(constant => $"<dt>{PageBuilder.Text(constant.Subject)}</dt><dd>{PageBuilder.Text(constant.Facts)}</dd>"))}</dl></details>");
    }
}
