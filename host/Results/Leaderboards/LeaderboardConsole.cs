using KdMtlBench.Host.Results.Inference;
using Spectre.Console;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>The leaderboard on a terminal, or as plain text where there is none.</summary>
public static class LeaderboardConsole
{
    /// <summary>Tables that are wider than the console are split; every part names the strategies.</summary>
    public static void Write(Leaderboard leaderboard, IAnsiConsole console)
    {
        ConsoleTables.SetWidth(console);
        console.MarkupLineInterpolated($"[bold]{LeaderboardText.Title(leaderboard)}[/]");
        Constants(leaderboard.Constants, console);
        foreach (var group in leaderboard.Groups)
            Write(group, console);
        if (leaderboard.Ranking is { } ranking)
            Write(ranking, console);
        console.WriteLine();
        ConsoleTables.Lines(console, LeaderboardText.Legend(ConsoleTables.HasColors(console) ? "green" : "*"));
    }

    private static void Write(LeaderboardGroup group, IAnsiConsole console)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]{LeaderboardText.Heading(group)}[/]");
        Constants(group.Constants, console);
        foreach (var table in new[] { LeaderboardTable.Quality(group), LeaderboardTable.Verdicts(group), LeaderboardTable.Cost(group) }.OfType<LeaderboardTable>())
            ConsoleTables.Write(table, console);
        ConsoleTables.Lines(console, VerdictText.Sentences(group));
        ConsoleTables.Lines(console, LeaderboardText.Ranking(group.Ranking));
        ConsoleTables.Lines(console, group.Notes);
        ConsoleTables.Lines(console, group.Failures.Select(failure => $"failed: {LeaderboardText.Failure(failure)}"));
    }

    private static void Write(BlockRanking ranking, IAnsiConsole console)
    {
        if (LeaderboardTable.Places(ranking) is not { } places)
            return;
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]{LeaderboardText.AllGroupsHeading}[/]");
        ConsoleTables.Write(places, console);
        ConsoleTables.Lines(console, LeaderboardText.Ranking(ranking));
    }

    private static void Constants(IReadOnlyDictionary<string, string> constants, IAnsiConsole console)
    {
        foreach (var (subject, facts) in LeaderboardText.Constants(constants))
            console.MarkupLineInterpolated($"[bold]{subject}[/]: {facts}");
    }
}
