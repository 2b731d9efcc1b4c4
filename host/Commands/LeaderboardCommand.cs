using System.CommandLine;
using KdMtlBench.Host.Results;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;
using YamlDotNet.RepresentationModel;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl leaderboard DIR</c>: makes the leaderboard again from the records.</summary>
internal static class LeaderboardCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "A sweep's folder, or its name in results/" };
        var command = new Command("leaderboard", "Rebuild a sweep's leaderboard from its records") { folder };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>(),
            (services, _) => Rebuild(services.GetRequiredService<IAnsiConsole>(), parse.GetRequiredValue(folder))));
        return command;
    }

    private static int Rebuild(IAnsiConsole console, string name)
    {
        var folder = SweepNames.RecordsFolder(name);
        return LeaderboardFiles.WriteAndShow(folder, Title(folder), console) ? 0 : Application.RunsMissing;
    }

    /// <summary>The sweep file's title and nothing else of it: the records stand without the plugins that made them.</summary>
    public static string Title(string folder)
    {
        var sweepFile = Path.Combine(folder, "sweep.yaml");
        if (!File.Exists(sweepFile))
            return "";
        var yaml = new YamlStream();
        using var text = File.OpenText(sweepFile);
        yaml.Load(text);
        return yaml.Documents[0].RootNode is YamlMappingNode map && map.Children.TryGetValue("title", out var title) ? title.ToString() : "";
    }
}
