using System.Text;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary><c>compare.md</c>.</summary>
public static class ComparisonMarkdown
{
    /// <summary>Writes atomically.</summary>
    public static void Write(Comparison comparison, string path) => AtomicFile.Write(path, Text(comparison));

    /// <summary>The document.</summary>
    public static string Text(Comparison comparison)
    {
        var text = new StringBuilder();
        text.Append($"# {ComparisonText.Title}\n\n## {ComparisonText.GroupsHeading}\n\n");
        MarkdownText.Table(text, ComparisonTables.Groups(comparison));
        MarkdownText.Items(text, ComparisonText.Origins(comparison));
        MarkdownText.Items(text, comparison.Groups.Notes);
        if (ComparisonTables.Pairs(comparison) is { } pairs)
        {
            text.Append($"## {ComparisonText.PairsHeading(comparison)}\n\n");
            MarkdownText.Table(text, pairs);
        }

        foreach (var aggregate in comparison.Aggregates)
        {
            text.Append($"## {ComparisonText.Heading(aggregate)}\n\n");
            MarkdownText.Table(text, ComparisonTables.Rows(aggregate));
            MarkdownText.Items(text, ComparisonText.Notes(aggregate));
        }

        if (comparison.Aggregates.Count == 0)
            text.Append($"{ComparisonText.NothingShared}\n\n");
        text.Append($"## {ComparisonText.ModelsHeading}\n\n");
        if (comparison.Models.Count == 0)
            text.Append($"{ComparisonText.OneModelEach}\n\n");
        foreach (var models in comparison.Models)
        {
            text.Append($"### {ComparisonText.Heading(models)}\n\n");
            MarkdownText.Table(text, ComparisonTables.Cells(comparison, models));
            MarkdownText.Items(text, ComparisonText.Notes(comparison, models));
        }

        text.Append("## How to read this\n\n");
        MarkdownText.Items(text, ComparisonText.Legend);
        return text.ToString().TrimEnd('\n') + "\n";
    }
}
