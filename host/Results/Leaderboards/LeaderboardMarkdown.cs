using System.Text;
using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary><c>leaderboard.md</c>: rounded, with units and directions.</summary>
public static class LeaderboardMarkdown
{
    /// <summary>Writes atomically.</summary>
    /// <param name="leaderboard">What is shown.</param>
    /// <param name="path">The file.</param>
    /// <param name="includeTimes">False leaves out times and memory, as <see cref="LeaderboardCsv.Write"/> does.</param>
    public static void Write(Leaderboard leaderboard, string path, bool includeTimes = true) =>
        AtomicFile.Write(path, Text(leaderboard, includeTimes));

    /// <summary>The document.</summary>
    public static string Text(Leaderboard leaderboard, bool includeTimes = true)
    {
        var text = new StringBuilder();
        text.Append($"# {LeaderboardText.Title(leaderboard)}\n\n");
        if (leaderboard.Unfinished is { } unfinished)
            text.Append($"**{unfinished}**\n\n");
        Constants(text, leaderboard.Constants, includeTimes);
        foreach (var group in leaderboard.Groups)
            Group(text, group, includeTimes);
        if (leaderboard.Ranking is { } ranking)
            Ranking(text, ranking);
        text.Append("## How to read this\n\n");
        MarkdownText.Items(text, LeaderboardText.Legend("**bold**"));
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void Group(StringBuilder text, LeaderboardGroup group, bool includeTimes)
    {
        text.Append($"## {LeaderboardText.Heading(group)}\n\n");
        Constants(text, group.Constants, includeTimes);
        MarkdownText.Items(text, VerdictText.Sentences(group));
        MarkdownText.Table(text, LeaderboardTable.Quality(group));
        if (LeaderboardTable.Tasks(group) is { } tasks)
            MarkdownText.Table(text, tasks);
        if (LeaderboardTable.Verdicts(group) is { } verdicts)
            MarkdownText.Table(text, verdicts);
        MarkdownText.Table(text, LeaderboardTable.Cost(group, includeTimes));
        MarkdownText.Items(text, LeaderboardText.Ranking(group.Ranking).Concat(group.Notes));
        if (group.Failures.Count > 0)
            text.Append("### Failed runs\n\n");
        MarkdownText.Items(text, group.Failures.Select(LeaderboardText.Failure));
    }

    private static void Ranking(StringBuilder text, BlockRanking ranking)
    {
        if (LeaderboardTable.Places(ranking) is not { } places)
            return;
        text.Append($"## {LeaderboardText.AllGroupsHeading}\n\n");
        MarkdownText.Table(text, places);
        MarkdownText.Items(text, LeaderboardText.Ranking(ranking));
    }

    private static void Constants(StringBuilder text, IReadOnlyDictionary<string, string> constants, bool includeTimes) =>
        MarkdownText.Items(text, LeaderboardText.Constants(constants, includeTimes).Select(constant => $"**{constant.Subject}**: {constant.Facts}"));
}
