using System.CommandLine;
using KdMtlBench.Host.Reports;
using KdMtlBench.Host.Results.Merging;
using KdMtlBench.Host.Storage.Sharing;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl merge A B …</c>: sweeps that were made on several machines become one.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var sweeps = new Argument<string[]>("sweeps") { Description = "Sweeps, or output folders that were copied from elsewhere", Arity = new ArgumentArity(2, 100_000) };
        var output = new Option<string>("--output") { Description = "Folder for the merged runs, leaderboard and report: empty or new", Required = true };
        var command = new Command("merge", "Make one leaderboard of sweeps that were run on several machines; what cannot be combined is refused") { sweeps, output };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>(),
            (services, _) => Merge(services, parse.GetRequiredValue(sweeps), Path.GetFullPath(parse.GetRequiredValue(output)))));
        return command;
    }

    private static int Merge(IServiceProvider services, IReadOnlyList<string> names, string output)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        if (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any())
            throw new InputException($"--output {output} is not empty; name a folder that is, or is not there yet");
        var results = names.Select(name => SweepResults.Own(name, console)).ToList();
        var silence = TimeSpan.FromSeconds(services.GetRequiredService<ApplicationSettings>().SilenceSeconds);
        foreach (var folder in results.Select(result => result.Folder))
            if (SweepStatus.Of(folder, silence).There is [var first, ..])
                throw new InputException($"{folder} is in use by {first.Holder}; merge it when its sweep is over");
        var rules = results.Select(result => result.Head.Rule).Distinct().ToList();
        if (rules.Count > 1)
            throw new InputException($"these sweeps do not judge by the same `reference` and `margin`: {string.Join("; ", rules.Select(rule => $"{rule.Reference} and {rule.Margin}"))}");
        var runs = SweepMerge.Merge([.. results.Select(result => result.Folder)], output);
        console.WriteLine($"{runs} runs of {results.Count} folders are in {output}");
        var title = results.Select(result => result.Head.Title).Distinct(StringComparer.Ordinal).ToList();
        return LeaderboardFiles.WriteAndShow(output, title.Count == 1 ? title[0] : "", rules[0], console) ? 0 : Application.RunsMissing;
    }
}
