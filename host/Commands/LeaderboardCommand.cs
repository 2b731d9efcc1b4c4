using System.CommandLine;
using KdMtlBench.Host.Reports;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl leaderboard SWEEP</c>: rebuilds the leaderboard from the records.</summary>
internal static class LeaderboardCommand
{
    public static Command Create()
    {
        var sweep = new Argument<string>("sweep") { Description = "A sweep.yaml, its folder, its name in results/, or a folder of runs" };
        var command = new Command("leaderboard", "Rebuild a sweep's leaderboard from your runs or, before there are any, from its reference") { sweep };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>(),
            (services, _) => Rebuild(services.GetRequiredService<IAnsiConsole>(), parse.GetRequiredValue(sweep))));
        return command;
    }

    private static int Rebuild(IAnsiConsole console, string name)
    {
        var results = SweepResults.OwnOrReference(name, console);
        return LeaderboardFiles.WriteAndShow(results.Folder, results.Head.Title, results.Head.Rule, console) ? 0 : Application.RunsMissing;
    }
}
