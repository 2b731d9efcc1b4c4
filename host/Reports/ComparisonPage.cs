using KdMtlBench.Host.Results.Comparisons;

namespace KdMtlBench.Host.Reports;

/// <summary><c>compare.html</c>.</summary>
internal static class ComparisonPage
{
    /// <param name="comparison">What is shown.</param>
    /// <param name="pairs">Pictures of pairs.</param>
    /// <param name="aggregates">Pictures of each aggregate.</param>
    public static string Of(
        Comparison comparison, (IReadOnlyList<Ink> Inks, IReadOnlyList<Figure> Figures) pairs, IReadOnlyList<(List<Ink> Inks, List<Figure> Figures)> aggregates)
    {
        var page = new PageBuilder();
        page.Header(ComparisonText.Title);
        page.Append($"<h2>{ComparisonText.GroupsHeading}</h2>");
        page.Table(ComparisonTables.Groups(comparison), []);
        page.Items("notes", ComparisonText.Origins(comparison));
        page.Items("notes", comparison.Groups.Notes);
        if (ComparisonTables.Pairs(comparison) is { } table)
        {
            page.Append($"<h2>{PageBuilder.Text(ComparisonText.PairsHeading(comparison))}</h2>");
            page.Table(table, pairs.Inks);
        }

        page.Legend(pairs.Inks);
        page.Figures(pairs.Figures, pairs.Inks);
        foreach (var (aggregate, (inks, figures)) in comparison.Aggregates.Zip(aggregates))
        {
            page.Append($"<h2>{ComparisonText.Heading(aggregate)}</h2>");
            page.Table(ComparisonTables.Rows(aggregate), inks);
            page.Items("notes", ComparisonText.Notes(aggregate));
            page.Legend(inks);
            page.Figures(figures, inks);
        }

        if (comparison.Aggregates.Count == 0)
            page.Append($"<p>{ComparisonText.NothingShared}</p>");
        Models(page, comparison, pairs.Inks);
        return page.Build(ComparisonText.Title, ComparisonText.Legend);
    }

    private static void Models(PageBuilder page, Comparison comparison, IReadOnlyList<Ink> inks)
    {
        page.Append($"<h2>{ComparisonText.ModelsHeading}</h2>");
        if (comparison.Models.Count == 0)
            page.Append($"<p>{ComparisonText.OneModelEach}</p>");
        foreach (var models in comparison.Models)
        {
            page.Append($"<h3>{PageBuilder.Text(ComparisonText.Heading(models))}</h3>");
            page.Table(ComparisonTables.Cells(comparison, models), inks);
            page.Items("notes", ComparisonText.Notes(comparison, models));
        }
    }
}
