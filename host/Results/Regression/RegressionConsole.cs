using System.Globalization;
using KdMtlBench.Host.Results.Leaderboards;
using Spectre.Console;

namespace KdMtlBench.Host.Results.Regression;

/// <summary>A check's findings on a terminal, or as plain text where there is none.</summary>
public static class RegressionConsole
{
    /// <summary>Why there is nothing to compare.</summary>
    public const string NothingToJudgeBy = "Not compared: these results were made with another processor, device or version, and fewer than 3 seeds do not tell how far that may move them. "
        + "Check them where they were made, or say by --tolerance how much they may move.";

    private const int WidthWithoutTerminal = 160; // a file or a pipe has no width of its own
    private const int MostStrategiesShown = 3;

    /// <summary>What moved, by how much and why; then what has changed at all, and the verdict.</summary>
    public static void Write(RegressionReport report, IAnsiConsole console)
    {
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = WidthWithoutTerminal;
        if (report.Moved.Any())
            console.Write(Moved(report));
        foreach (var ending in report.Endings)
            console.WriteLine(ending);
        if (report.Changes.Count > 0)
            console.Write(Changes(report));
        foreach (var problem in report.Problems)
            console.WriteLine($"Cannot be compared: {problem}");
        console.WriteLine(Summary(report));
    }

    private static Table Moved(RegressionReport report)
    {
        var table = new Table().Border(TableBorder.Simple).Title("What moved").AddColumns("benchmark", "strategy", "metric", "stored", "now", "change", "allowed", "", "changed since");
        foreach (var column in new[] { 3, 4, 5, 6 })
            table.Columns[column].RightAligned().NoWrap();
        foreach (var value in report.Moved)
        {
            var scale = LeaderboardText.Scale(value.Metric);
            table.AddRow(
                Markup.Escape(value.Benchmark),
                Markup.Escape(value.Strategy),
                Markup.Escape($"{value.Metric.Key} {value.Metric.Metric.Unit}".TrimEnd()),
                Number(value.Stored * scale),
                Number(value.Candidate * scale),
                ((value.Candidate - value.Stored) * scale).ToString("+0.####;-0.####;0", CultureInfo.InvariantCulture),
                value.Allowed is { } allowed ? Number(allowed * scale) : "same bits",
                value.Movement == Movement.Better ? "[green]better[/]" : "[red]worse[/]",
                Markup.Escape(Causes(report, value.Strategy)));
        }

        return table;
    }

    /// <summary>Facts that both sides tell and that changed for the strategy, what few share first; a commit says no more than the hashes.</summary>
    private static string Causes(RegressionReport report, string strategy)
    {
        var causes = report.Changes
            .Where(change => change is { Stored: not null, Candidate: not null } && change.Strategies.Contains(strategy) && !change.Key.StartsWith("git-"))
            .Select(change => change.Key)
            .ToList();
        return causes.Count > 0 ? string.Join(", ", causes) : "nothing on record";
    }

    private static Table Changes(RegressionReport report)
    {
        var table = new Table().Border(TableBorder.Simple).Title("What is not as it was").AddColumns("fact", "stored", "now", "of");
        foreach (var change in report.Changes)
        {
            var strategies = change.Strategies.Count > MostStrategiesShown ? $"{change.Strategies.Count} strategies" : string.Join(", ", change.Strategies);
            table.AddRow(Markup.Escape(change.Key), Show(change.Stored), Show(change.Candidate), Markup.Escape(strategies));
        }

        return table;
    }

    private static string Summary(RegressionReport report)
    {
        var exact = report.Values.Count(value => value.Allowed is null);
        var how = $"{exact} compared bit by bit (same machine and versions), {report.Values.Count - exact - report.NotCompared} by interval"
            + (report.NotCompared > 0 ? $", {report.NotCompared} not compared (another machine, fewer than 3 seeds)" : "");
        return report.ExitCode switch
        {
            0 => $"As stored: {Count(report.Values.Count, "mean")} of {Count(report.Runs, "run")}, {how}.",
            1 => $"Not as stored: {report.Moved.Count()} of {Count(report.Values.Count, "mean")} moved, {report.Endings.Count} of {Count(report.Runs, "run")} ended otherwise; {how}. "
                + "Where that is meant, run the sweep and `store` its results.",
            RegressionReport.NothingToJudgeBy => NothingToJudgeBy,
            _ => "Not compared: run the sweep and `store` its results, or give a candidate with the same data and settings.",
        };
    }

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";

    private static string Number(double value) => value.ToString("G5", CultureInfo.InvariantCulture);

    private static string Show(string? value) => value is null ? "–" : Markup.Escape(RecordFacts.Short(value));
}
