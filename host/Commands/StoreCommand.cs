using System.CommandLine;
using KdMtlBench.Host.Results.References;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl store SWEEP</c>: takes the user's own results over as the sweep's reference, which git tracks and <c>check</c> compares with.</summary>
internal static class StoreCommand
{
    public static Command Create()
    {
        var sweep = new Argument<string>("sweep") { Description = "A sweep.yaml, its folder, or its name in results/" };
        var by = new Option<string?>("--by") { Description = "Whose results these are (default: git's user.name)" };
        var command = new Command("store", "Make your results of a sweep its reference, which is committed and which `check` compares with") { sweep, by };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>(),
            (services, _) => Store(services.GetRequiredService<IAnsiConsole>(), parse.GetRequiredValue(sweep), parse.GetValue(by) ?? Provenance.User)));
        return command;
    }

    private static int Store(IAnsiConsole console, string name, string by)
    {
        var file = SweepNames.File(name, console.WriteLine);
        var results = SweepResults.Own(file, console);
        var folder = SweepFolders.ReferenceOf(file);
        var manifest = new ReferenceWriter(results.Folder).Write(folder, results.Head.Title, results.Head.Rule, by);
        if (!manifest.Curves)
            console.WriteLine($"The curves are left out: with them {folder} would take more than {ReferenceWriter.Limit / 1_000_000} MB.");
        console.WriteLine($"Stored in {folder}, to be committed: {manifest}.");
        return 0;
    }
}
