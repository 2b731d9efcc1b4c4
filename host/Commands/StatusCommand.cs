using System.CommandLine;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Storage.Sharing;
using KdMtlBench.Host.Views;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl status SWEEP</c>: how far a sweep has come, wherever it runs.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var sweep = new Argument<string>("sweep") { Description = "A sweep.yaml, its folder, its name in results/, or an output folder" };
        var command = new Command("status", "Show which runs of a sweep are done, in progress (where, since when, at which epoch) and failed, and the time left") { sweep };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>(),
            (services, _) => Show(services, parse.GetRequiredValue(sweep)),
            libtorch: false));
        return command;
    }

    private static int Show(IServiceProvider services, string name)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        var output = SweepNames.IsFolderOfRuns(name) ? name : SweepFolders.OutputOf(SweepNames.File(name, console.WriteLine));
        var silence = TimeSpan.FromSeconds(services.GetRequiredService<ApplicationSettings>().SilenceSeconds);
        if (!Directory.Exists(output))
            throw new InputException($"{output} is not there; the sweep has not been run");
        var trials = Path.Combine(output, SweepFolders.Tuning);
        if (Directory.Exists(trials))
            Write($"{output}, trials", trials);
        Write(output, output);
        return 0;

        void Write(string what, string folder)
        {
            foreach (var line in StatusView.Lines(what, SweepStatus.Of(folder, silence)))
                console.WriteLine(line);
        }
    }
}
