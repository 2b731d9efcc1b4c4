using System.Globalization;
using System.Net;
using System.Text;
using KdMtlBench.Host.Results.Leaderboards;

namespace KdMtlBench.Host.Reports;

/// <summary>The report as one HTML file that needs nothing else: no network, no other file.</summary>
internal sealed class ReportPage
{
    private readonly StringBuilder _body = new();
    private readonly SweepReport _report;
    private int _figures;

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
        page.Append("<h2>How to read this</h2>");
        page.Items("notes", LeaderboardText.Legend("green"));
        // One pass: what is put in is not looked through again.
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = Text(LeaderboardText.Title(report.Leaderboard)),
            ["font"] = Convert.ToBase64String(PageParts.Bytes(PageParts.Font)),
            ["style"] = PageParts.Text("report.css"),
            ["script"] = PageParts.Text("report.js"),
            ["body"] = page._body.ToString(),
        };
        return string.Concat(PageParts.Text("report.html").Split("{{").SelectMany((piece, i) =>
            i == 0 ? [piece] : new[] { parts[piece[..piece.IndexOf("}}", StringComparison.Ordinal)]], piece[(piece.IndexOf("}}", StringComparison.Ordinal) + 2)..] }));
    }

    private void Head()
    {
        var leaderboard = _report.Leaderboard;
        Append($"<header><h1>{Text(LeaderboardText.Title(leaderboard))}</h1><button class=\"theme\">light / dark</button></header>");
        if (leaderboard.Unfinished is { } unfinished)
            Append($"<p><strong>{Text(unfinished)}</strong></p>");
        if (_report.Groups.Count > 1)
            Append($"<nav>{string.Concat(_report.Groups.Select((group, i) => $"<a href=\"#g{i}\">{Text(LeaderboardText.Heading(group.Group))}</a>"))}</nav>");
        Constants("What all runs have in common", leaderboard.Constants);
    }

    private void Group(ReportGroup group, IReadOnlyList<Section> sections)
    {
        Append($"<section><h2 id=\"g{_report.Groups.Index().First(one => one.Item == group).Index}\">{Text(LeaderboardText.Heading(group.Group))}</h2>");
        if (VerdictText.Sentences(group.Group) is { Count: > 0 } verdict)
            Append($"<div class=\"verdict\">{string.Concat(verdict.Select(sentence => $"<p>{Text(sentence)}</p>"))}</div>");
        Constants("What these runs have in common", group.Group.Constants);
        Table(LeaderboardTable.Quality(group.Group), group);
        Items("notes", group.Group.Notes);
        if (group.Group.Failures.Count > 0)
        {
            Append("<h3>Failed runs</h3>");
            Items("failures", group.Group.Failures.Select(LeaderboardText.Failure));
        }

        Append("<h3>Cost</h3>");
        Table(LeaderboardTable.Cost(group.Group), group);
        if (LeaderboardTable.Verdicts(group.Group) is { } verdicts)
        {
            Append("<h3>Verdicts</h3>");
            Table(verdicts, group);
            Items("notes", LeaderboardText.Ranking(group.Group.Ranking));
        }

        Legend(group);
        foreach (var section in sections.Where(section => section.Figures.Count > 0 || section.Html.Length > 0))
        {
            Append($"<h3>{Text(section.Title)}</h3>");
            if (section.Note.Length > 0)
                Append($"<p class=\"notes\">{Text(section.Note)}</p>");
            Append(section.Html);
            if (section.Figures.Count > 0)
                Figures(section.Figures, group.Strategies.Select(strategy => strategy.Ink));
        }

        Append("</section>");
    }

    private void AllGroups(IReadOnlyList<Figure> figures)
    {
        if (_report.Leaderboard.Ranking is not { } ranking || LeaderboardTable.Places(ranking) is not { } places)
            return;
        Append($"<h2>{LeaderboardText.AllGroupsHeading}</h2>");
        Table(places, _report.Groups[0]);
        Items("notes", LeaderboardText.Ranking(ranking));
        Figures(figures, _report.Groups[0].Strategies.Select(strategy => strategy.Ink));
    }

    private void Legend(ReportGroup group) => Append($"<h3>Pictures</h3><p class=\"notes\">Point at a strategy, or click on it, to see it alone. Grey: strategies without a colour of their own.</p>"
        + $"<div class=\"legend\">{string.Concat(group.MultiTask.Select(strategy => $"<button data-s=\"{strategy.Ink.Index}\">{Chip(strategy.Ink)}{Text(strategy.Name)}</button>"))}</div>");

    private void Figures(IReadOnlyList<Figure> figures, IEnumerable<Ink> inks)
    {
        var used = inks.ToList();
        Append("<div class=\"figures\">");
        foreach (var figure in figures)
        {
            var wide = figure.Width > 500;
            Append($"<figure{(wide ? " class=\"wide\"" : "")}><figcaption>{Text(figure.Title)}</figcaption>");
            Append(PageSvg.Of(figure.Svg(), figure, $"f{_figures++}", used));
            Append(figure.Caption.Length > 0 ? $"<p>{Text(figure.Caption)}</p></figure>" : "</figure>");
        }

        Append("</div>");
    }

    private void Table(LeaderboardTable table, ReportGroup group)
    {
        var inks = group.Strategies.ToDictionary(strategy => strategy.Name, strategy => strategy.Ink, StringComparer.Ordinal);
        Append("<div class=\"scroll\"><table><thead><tr>");
        foreach (var (i, column) in table.Columns.Index())
        {
            var task = column.Task.Length > 0 ? $"<span class=\"task\">{Text(column.Task)}</span>" : "";
            var first = column.HigherIsBetter == true ? " data-first=\"descending\"" : "";
            Append($"<th scope=\"col\"{first}{(i == 0 ? " data-text" : "")}>{task}<button>{Text(column.NameWithDirection)}</button></th>");
        }

        Append("</tr></thead><tbody>");
        foreach (var row in table.Rows)
        {
            var ink = inks.GetValueOrDefault(row[0].Text);
            Append(ink is null ? "<tr>" : $"<tr data-s=\"{ink.Index}\">");
            foreach (var (i, cell) in row.Index())
                Cell(cell, i == 0 && ink is not null && row[0].Text != Leaderboard.SingleTask ? Chip(ink) : "");
            Append("</tr>");
        }

        Append("</tbody></table></div>");
    }

    private void Cell(TableCell cell, string chip)
    {
        var text = Text(cell.Text);
        var interval = text.IndexOf(" ±", StringComparison.Ordinal);
        if (interval >= 0)
            text = $"{text[..interval]} <small>{text[(interval + 1)..]}</small>";
        var value = cell.Value is { } number ? $" data-v=\"{number.ToString("R", CultureInfo.InvariantCulture)}\"" : "";
        Append($"<td{(cell.IsBest ? " class=\"best\"" : "")}{value}>{chip}{text}</td>");
    }

    private void Constants(string summary, IReadOnlyDictionary<string, string> constants)
    {
        if (constants.Count > 0)
            Append($"<details><summary>{summary}</summary><dl>{string.Concat(LeaderboardText.Constants(constants).Select(constant => $"<dt>{Text(constant.Subject)}</dt><dd>{Text(constant.Facts)}</dd>"))}</dl></details>");
    }

    private void Items(string css, IEnumerable<string> items) => Append($"<ul class=\"{css}\">{string.Concat(items.Select(item => $"<li>{Text(item)}</li>"))}</ul>");

    private static string Chip(Ink ink) => $"<span class=\"chip\" style=\"background:{ink.Css}\"></span>";

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private void Append(string html) => _body.Append(html).Append('\n');
}

/// <summary>Pictures that belong together.</summary>
/// <param name="Title">A heading.</param>
/// <param name="Figures">May be none.</param>
/// <param name="Note">What a reader must know; may be empty.</param>
/// <param name="Html">What is no drawing.</param>
internal sealed record Section(string Title, IReadOnlyList<Figure> Figures, string Note = "", string Html = "");
