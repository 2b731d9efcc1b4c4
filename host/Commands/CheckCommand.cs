using System.CommandLine;
using KdMtlBench.Host.Results;
using KdMtlBench.Host.Results.Regression;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Training;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl check SWEEP</c>: whether a sweep's stored results still come out; for continuous integration.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var sweep = new Argument<string>("sweep") { Description = "A sweep's folder, or its name in results/" };
        var candidate = new Option<string?>("--candidate") { Description = "A folder with the candidate's runs, instead of running the sweep again" };
        var output = new Option<string?>("--output") { Description = "Keep the runs that are made here (default: a temporary folder)" };
        var seeds = new Option<string?>("--seeds") { Description = "Only these, as 1,2" };
        var strategies = new Option<string?>("--strategies") { Description = "Only these, as uniform,pcgrad; single-task for the baselines" };
        var tolerance = new Option<double?>("--tolerance")
        {
            Description = "In % of the stored mean (default 5): what may differ beyond the interval of the seeds. On the machine and versions of the stored results nothing may. "
                + "Below 3 seeds there is no interval: such results of elsewhere are compared only where this is given",
        };
        var data = new Option<string?>("--data") { Description = "Folder of data sets. KDMTL_DATA" };
        var device = new Option<string?>("--device") { Description = "cpu, cuda, or auto: cuda where there is one. KDMTL_DEVICE" };
        var parallel = new Option<string?>("--parallel") { Description = "Runs at once (default: cores / threads of a run). KDMTL_PARALLEL" };
        var quiet = new Option<bool>("--quiet") { Description = "No progress, only the findings" };
        var command = new Command("check", "Run a sweep again and compare with its stored results: 0 as stored, 1 moved, 2 cannot be compared, 3 made elsewhere with too few seeds to judge by")
        {
            sweep, candidate, output, seeds, strategies, tolerance, data, device, parallel, quiet, Application.Plugins,
        };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>
            {
                ["data"] = parse.GetValue(data),
                ["device"] = parse.GetValue(device),
                ["parallel"] = parse.GetValue(parallel),
                ["plugins"] = parse.GetValue(Application.Plugins),
            },
            (services, cancellation) =>
            {
                var folder = SweepNames.RecordsFolder(parse.GetRequiredValue(sweep));
                var console = services.GetRequiredService<IAnsiConsole>();
                var stored = Records(folder, console);
                var selection = new RunSelection(Numbers.Seeds(parse.GetValue(seeds)), Numbers.Words(parse.GetValue(strategies)));
                selection.RequireIn(stored);
                var allowed = parse.GetValue(tolerance) / 100;
                if (parse.GetValue(candidate) is null && allowed is null && !RegressionCheck.CanCompare(stored, selection, Here(services)))
                {
                    console.WriteLine(RegressionConsole.NothingToJudgeBy);
                    return RegressionReport.NothingToJudgeBy;
                }

                var made = parse.GetValue(candidate) is { } given
                    ? Records(SweepNames.RecordsFolder(given), console)
                    : RunAgain(services, folder, parse.GetValue(output), selection, parse.GetValue(quiet), cancellation);
                var report = RegressionCheck.Compare(stored, made, selection, allowed);
                RegressionConsole.Write(report, console);
                return report.ExitCode;
            }));
        return command;
    }

    private static IReadOnlyDictionary<string, string> Here(IServiceProvider services) =>
        Provenance.Of(RunCommand.DeviceNamed(services.GetRequiredService<ApplicationSettings>().Device));

    /// <summary>Makes the selected runs in a folder of their own, from nothing: what is stored must not help.</summary>
    private static IReadOnlyList<RunRecord> RunAgain(
        IServiceProvider services, string folder, string? output, RunSelection selection, bool quiet, CancellationToken cancellation)
    {
        _ = Application.PluginsOf(services);
        var sweep = services.GetRequiredService<SweepReader>().Read(SweepNames.File(Path.Combine(folder, "sweep.yaml")));
        var temporary = Directory.CreateTempSubdirectory("kdmtl-check-").FullName;
        try
        {
            var selected = sweep.Runs.Where(selection.Takes).ToList();
            var part = sweep with
            {
                Folder = output ?? Path.Combine(temporary, sweep.Name),
                Runs = [.. sweep.Runs.Where(run => selected.Contains(run) || selected.Exists(student => Teachers.Teaches(run, student)))],
            };
            if (part.Runs.Count == 0)
                throw new InputException($"{folder}: sweep.yaml asks for none of the selected runs any more; run the sweep");
            var outcome = RunCommand.Execute(services, part, fresh: true, quiet, cancellation);
            cancellation.ThrowIfCancellationRequested();
            return outcome.Records;
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private static IReadOnlyList<RunRecord> Records(string folder, IAnsiConsole console)
    {
        var (records, warnings) = new RunStore(folder).ReadAll();
        foreach (var warning in warnings)
            console.MarkupLineInterpolated($"[yellow]{warning}[/]");
        Leaderboard.RefuseDuplicates(records);
        return records;
    }
}
