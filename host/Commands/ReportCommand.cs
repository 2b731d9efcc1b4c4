using System.CommandLine;
using KdMtlBench.Host.Reports;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Storage;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl report SWEEP</c>: makes the page with the leaderboard and its pictures from the records.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var sweep = new Argument<string>("sweep") { Description = "A sweep.yaml, its folder, its name in results/, or a folder of runs" };
        var command = new Command("report", "Make a sweep's report.html and the pictures in figures/ from your runs or, before there are any, from its reference") { sweep };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>(),
            (services, _) => Write(services.GetRequiredService<IAnsiConsole>(), parse.GetRequiredValue(sweep))));
        return command;
    }

    private static int Write(IAnsiConsole console, string name)
    {
        var (folder, head) = SweepResults.OwnOrReference(name, console);
        var records = LeaderboardFiles.Records(folder, console);
        if (records.Count == 0)
            throw new InputException($"{folder} holds no readable record; run the sweep first");
        var leaderboard = Leaderboard.Build(head.Title, records, head.Rule) with { Unfinished = UnfinishedMark.Sentence(folder, records.Count) };
        var path = ReportFiles.Write(folder, leaderboard, records);
        console.MarkupLineInterpolated($"Written: {path} and {Path.Combine(folder, "figures")}");
        return 0;
    }
}
