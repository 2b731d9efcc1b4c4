using KdMtlBench.Host.Results.Leaderboards;
using Spectre.Console;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary>A comparison on a terminal.</summary>
public static class ComparisonConsole
{
    /// <summary>All tables and notes.</summary>
    public static void Write(Comparison comparison, IAnsiConsole console)
    {
        ConsoleTables.SetWidth(console);
        Heading(ComparisonText.GroupsHeading);
        ConsoleTables.Write(ComparisonTables.Groups(comparison), console);
        ConsoleTables.Lines(console, ComparisonText.Origins(comparison));
        ConsoleTables.Lines(console, comparison.Groups.Notes);
        if (ComparisonTables.Pairs(comparison) is { } pairs)
        {
            Heading(ComparisonText.PairsHeading(comparison));
            ConsoleTables.Write(pairs, console);
        }

        foreach (var aggregate in comparison.Aggregates)
        {
            Heading(ComparisonText.Heading(aggregate));
            ConsoleTables.Write(ComparisonTables.Rows(aggregate), console);
            ConsoleTables.Lines(console, ComparisonText.Notes(aggregate));
        }

        Heading(ComparisonText.ModelsHeading);
        foreach (var models in comparison.Models)
        {
            console.WriteLine(ComparisonText.Heading(models));
            ConsoleTables.Write(ComparisonTables.Cells(comparison, models), console);
            ConsoleTables.Lines(console, ComparisonText.Notes(comparison, models));
        }

        ConsoleTables.Lines(console, comparison.Models.Count == 0 ? [ComparisonText.OneModelEach] : []);
        ConsoleTables.Lines(console, comparison.Aggregates.Count == 0 ? [ComparisonText.NothingShared] : []);
        console.WriteLine();
        ConsoleTables.Lines(console, ComparisonText.Legend);
        console.WriteLine();

        void Heading(string text)
        {
            console.WriteLine();
            console.MarkupLineInterpolated($"[bold]{text}[/]");
        }
    }
}
