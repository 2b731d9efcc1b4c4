using System.Globalization;
using System.Net;
using System.Text;
using KdMtlBench.Host.Results.Leaderboards;

namespace KdMtlBench.Host.Reports;

/// <summary>One HTML file that needs nothing else: no network, no other file.</summary>
internal sealed class PageBuilder
{
    private readonly StringBuilder _body = new();
    private int _figures;

    /// <summary>The page, with what was appended.</summary>
    /// <param name="title">Of the browser's window.</param>
    /// <param name="legend">How it is to be read, at its end.</param>
    public string Build(string title, IEnumerable<string> legend)
    {
        Append("<h2>How to read this</h2>");
        Items("notes", legend);
        // One pass: what is put in is not looked through again.
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = Text(title),
            ["font"] = Convert.ToBase64String(PageParts.Bytes(PageParts.Font)),
            ["style"] = PageParts.Text("report.css"),
            ["script"] = PageParts.Text("report.js"),
            ["body"] = _body.ToString(),
        };
        return string.Concat(PageParts.Text("report.html").Split("{{").SelectMany((piece, i) =>
            i == 0 ? [piece] : new[] { parts[piece[..piece.IndexOf("}}", StringComparison.Ordinal)]], piece[(piece.IndexOf("}}", StringComparison.Ordinal) + 2)..] }));
    }

    /// <summary>The title, and what switches between light and dark.</summary>
    public void Header(string title) => Append($"<header><h1>{Text(title)}</h1><button class=\"theme\">light / dark</button></header>");

    /// <summary>Buttons of the strategies, which light them up in every picture.</summary>
    public void Legend(IEnumerable<Ink> inks) => Append($"<p class=\"notes\">Point at a strategy, or click on it, to see it alone. Grey: strategies without a colour of their own.</p>"
        + $"<div class=\"legend\">{string.Concat(inks.Select(ink => $"<button data-s=\"{ink.Index}\">{Chip(ink)}{Text(ink.Name)}</button>"))}</div>");

    /// <summary>Pictures side by side.</summary>
    /// <param name="figures">In this order.</param>
    /// <param name="inks">Of the strategies that may be in them.</param>
    public void Figures(IReadOnlyList<Figure> figures, IEnumerable<Ink> inks)
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

    /// <summary>A table that can be sorted.</summary>
    /// <param name="table">Its first column names strategies.</param>
    /// <param name="inks">Of those that have one.</param>
    public void Table(LeaderboardTable table, IEnumerable<Ink> inks)
    {
        var byName = inks.ToDictionary(ink => ink.Name, StringComparer.Ordinal);
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
            var ink = byName.GetValueOrDefault(row[0].Text);
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

    /// <summary>A list.</summary>
    public void Items(string css, IEnumerable<string> items) => Append($"<ul class=\"{css}\">{string.Concat(items.Select(item => $"<li>{Text(item)}</li>"))}</ul>");

    /// <summary>A patch of the strategy's colour.</summary>
    public static string Chip(Ink ink) => $"<span class=\"chip\" style=\"background:{ink.Css}\"></span>";

    /// <summary>As HTML.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>As it is.</summary>
    public void Append(string html) => _body.Append(html).Append('\n');
}
