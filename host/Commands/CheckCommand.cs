using System.CommandLine;
using KdMtlBench.Host.Reports;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Results.References;
using KdMtlBench.Host.Results.Regression;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Sweeps.Reading;
using KdMtlBench.Host.Training.Distillation;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl check SWEEP</c>: whether the results that are stored as a sweep's reference come out here; for continuous integration.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var sweep = new Argument<string>("sweep") { Description = "A sweep.yaml, its folder, or its name in results/" };
        var candidate = new Option<string?>("--candidate") { Description = "Compare the runs in this output folder, and run nothing" };
        var output = new Option<string?>("--output") { Description = "Folder for new runs (default: check/ in the sweep's output folder)" };
        var seeds = new Option<string?>("--seeds") { Description = "Only these seeds, e.g. 1,2" };
        var strategies = new Option<string?>("--strategies") { Description = "Only these strategies, e.g. uniform,pcgrad; single-task for the baselines" };
        var tolerance = new Option<double?>("--tolerance")
        {
            Description = "In % of the stored mean (default 5): what may differ beyond the interval of the seeds. On the machine and versions of the stored results nothing may. "
                + "Below 3 seeds there is no interval: such results of elsewhere are compared only where this is given",
        };
        var data = new Option<string?>("--data") { Description = "Folder of data sets. KDMTL_DATA" };
        var device = new Option<string?>("--device") { Description = "cpu, cuda, or auto: cuda if there is one. KDMTL_DEVICE" };
        var parallel = new Option<string?>("--parallel") { Description = "Concurrent runs (default: cores / threads of a run). KDMTL_PARALLEL" };
        var fresh = new Option<bool>("--fresh") { Description = "Run everything again, even what you have finished with this program on this machine" };
        var quiet = new Option<bool>("--quiet") { Description = "No progress, only the findings" };
        var command = new Command("check", "Compare your results of a sweep with its stored reference, after running what you have not run yet: 0 as stored, 1 moved, 2 cannot be compared, 3 made elsewhere with too few seeds to judge by")
        {
            sweep, candidate, output, seeds, strategies, tolerance, data, device, parallel, fresh, quiet, Application.Plugins,
        };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>
            {
                ["data"] = parse.GetValue(data),
                ["device"] = parse.GetValue(device),
                ["parallel"] = parse.GetValue(parallel),
                ["plugins"] = parse.GetValue(Application.Plugins),
            },
            (services, cancellation) => Check(
                services, parse.GetRequiredValue(sweep), parse.GetValue(candidate), new RunSelection(Numbers.Seeds(parse.GetValue(seeds)), Numbers.Words(parse.GetValue(strategies))), parse.GetValue(tolerance) / 100,
                (file, selection, stored) => Run(services, file, stored, parse.GetValue(output), selection, parse.GetValue(fresh), parse.GetValue(quiet), cancellation))));
        return command;
    }

    private static int Check(
        IServiceProvider services, string name, string? candidate, RunSelection selection, double? tolerance, Func<string, RunSelection, IReadOnlyList<RunRecord>, IReadOnlyList<RunRecord>> run)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        var file = SweepNames.File(name, console.WriteLine);
        var folder = SweepFolders.ReferenceOf(file);
        if (!Reference.ExistsIn(folder))
            throw new InputException($"{file} has no stored reference to compare with; `store` takes your own results over as one");
        var reference = Reference.Open(folder);
        var stored = reference.Records();
        console.WriteLine($"Compared with {folder}, {reference.Manifest}.");
        selection.RequireIn(stored);
        if (candidate is null && tolerance is null && !RegressionCheck.CanCompare(stored, selection, Here(services)))
        {
            console.WriteLine(RegressionConsole.NothingToJudgeBy);
            return RegressionReport.NothingToJudgeBy;
        }

        var made = candidate is null ? run(file, selection, stored) : LeaderboardFiles.Records(SweepResults.Own(candidate, console).Folder, console);
        Leaderboard.RefuseDuplicates(made);
        var report = RegressionCheck.Compare(stored, made, selection, tolerance);
        RegressionConsole.Write(report, console);
        if (report.Problems.Count == 0 && selection.TakesAll)
            foreach (var line in VerdictChanges.Of(stored, made, reference.Manifest.RuleOrDefault))
                console.WriteLine(line);
        return report.ExitCode;
    }

    private static IReadOnlyDictionary<string, string> Here(IServiceProvider services) =>
        Provenance.Of(Devices.First(services.GetRequiredService<ApplicationSettings>().Device));

    /// <summary>The selected runs: what the user has finished with this program on this machine is taken over, the rest is made.</summary>
    private static IReadOnlyList<RunRecord> Run(
        IServiceProvider services, string file, IReadOnlyList<RunRecord> stored, string? output, RunSelection selection, bool fresh, bool quiet, CancellationToken cancellation)
    {
        _ = Application.PluginsOf(services);
        var sweep = SeedsInRounds.AsStored(services.GetRequiredService<SweepReader>().Read(file), stored);
        var selected = sweep.Runs.Where(selection.Takes).ToList();
        var part = sweep with
        {
            Folder = Path.GetFullPath(output ?? Path.Combine(sweep.Folder, SweepFolders.Check)),
            Runs = [.. sweep.Runs.Where(run => selected.Contains(run) || selected.Exists(student => Teachers.Teaches(run, student)))],
        };
        if (part.Runs.Count == 0)
            throw new InputException($"{file} asks for none of the selected runs any more; run the sweep, and store its results");
        var outcome = RunCommand.Execute(services, part, fresh, quiet, cancellation);
        cancellation.ThrowIfCancellationRequested();
        return outcome.Records;
    }
}
