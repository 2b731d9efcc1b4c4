using System.CommandLine;
using KdMtlBench.Host.Reports;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Sweeps.Reading;
using KdMtlBench.Host.Sweeps.Workers;
using KdMtlBench.Host.Views;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl run SWEEP</c>: makes what a sweep asks for and writes its leaderboard.</summary>
internal static class RunCommand
{
    private static readonly Option<string?> _seeds = new("--seeds") { Description = "Overrides the file's seeds: a number of seeds, or a list such as 1,2,5" };
    private static readonly Option<string?> _strategies = new("--strategies") { Description = "Only these strategies, e.g. pcgrad,uncertainty+mgda: the file's entries of that name, otherwise with default options" };
    private static readonly Option<string[]> _set = new("--set") { Description = "Overrides a setting of the file: training.epochs=3, benchmark.scenes.height=64, strategies.dwa.temperature=[1,2]; may be repeated" };
    private static readonly Option<string?> _output = new("--output") { Description = "Folder for the runs and the leaderboard, instead of the sweep's own output folder; required by the three options above" };

    public static Command Create()
    {
        var sweep = new Argument<string>("sweep") { Description = "A sweep.yaml, its folder, or the name of a folder in results/" };
        var data = new Option<string?>("--data") { Description = "Folder of data sets. KDMTL_DATA" };
        var device = new Option<string?>("--device") { Description = "cpu, cuda, cuda:1, or auto: cuda if there is one; several as cuda:0,cuda:1, with one worker each. KDMTL_DEVICE" };
        var parallel = new Option<string?>("--parallel") { Description = "Concurrent runs in each worker (default: cores / threads of a run / workers). KDMTL_PARALLEL" };
        var stepLimit = new Option<string?>("--step-limit-seconds") { Description = "A run that makes no progress for longer counts as hanging, and fails (default 300). KDMTL_STEP_LIMIT_SECONDS" };
        var memoryLimit = new Option<string?>("--memory-limit") { Description = "Resident memory that a worker may use, e.g. 24GiB; one that uses more is ended, and its runs are tried again alone. KDMTL_MEMORY_LIMIT" };
        var fresh = new Option<bool>("--fresh") { Description = "Run everything again, even finished runs" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be run, in which order, with estimates of time and disk space; start nothing" };
        var tensorBoard = new Option<bool>("--tensorboard") { Description = "Also write the curves for TensorBoard: tensorboard --logdir results/NAME/output/runs" };
        var conflict = new Option<bool>("--conflict") { Description = "Measure the angles between the tasks' gradients after every epoch, for the report" };
        var part = new Option<bool>("--part") { Description = "Join a sweep that others are running: write no leaderboard, and end when there is nothing left to start (what submitted jobs do)" };
        var quiet = new Option<bool>("--quiet") { Description = "No progress, only the leaderboard" };
        var command = new Command("run", "Run a sweep and write its leaderboard") { sweep, _seeds, _strategies, _set, _output, data, device, parallel, stepLimit, memoryLimit, fresh, dryRun, tensorBoard, conflict, part, quiet, Application.Plugins };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>
            {
                ["data"] = parse.GetValue(data),
                ["device"] = parse.GetValue(device),
                ["parallel"] = parse.GetValue(parallel),
                ["step_limit_seconds"] = parse.GetValue(stepLimit),
                ["memory_limit"] = parse.GetValue(memoryLimit),
                ["plugins"] = parse.GetValue(Application.Plugins),
            },
            (services, cancellation) => Run(services, parse.GetRequiredValue(sweep), OverridesOf(parse), parse.GetValue(fresh), parse.GetValue(dryRun), parse.GetValue(quiet), cancellation,
                settings => settings with { TensorBoard = parse.GetValue(tensorBoard), Conflict = parse.GetValue(conflict), Leaves = parse.GetValue(part) })));
        return command;
    }

    /// <summary>What arguments of this command put into the sweep file.</summary>
    /// <exception cref="InputException">They are none of this command's.</exception>
    public static SweepOverrides OverridesIn(IReadOnlyList<string> arguments)
    {
        var parse = Create().Parse(arguments);
        return parse.Errors.Count == 0 ? OverridesOf(parse) : throw new InputException(string.Join('\n', parse.Errors.Select(error => error.Message)));
    }

    private static SweepOverrides OverridesOf(ParseResult parse) =>
        new(parse.GetValue(_seeds), parse.GetValue(_strategies), parse.GetValue(_set) ?? [], parse.GetValue(_output));

    private static int Run(IServiceProvider services, string name, SweepOverrides overrides, bool fresh, bool dryRun, bool quiet, CancellationToken cancellation, Func<WorkerSettings, WorkerSettings> extras)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        overrides.RequireOutput();
        _ = Application.PluginsOf(services);
        var sweep = services.GetRequiredService<SweepReader>().Read(SweepNames.File(name, console.WriteLine), overrides);
        foreach (var warning in sweep.Warnings)
            console.MarkupLineInterpolated($"[yellow]{warning}[/]");
        if (dryRun)
        {
            var plans = new DryRun(DryRunSettings(services, sweep, fresh)).Plan(SeedsInRounds.SoFar(sweep), PlainView.Silent, cancellation);
            PlanView.Show(console, sweep, plans);
            return plans.Any(plan => plan.Runs.Any(run => run.Trouble is not null)) ? 1 : 0;
        }

        if (overrides.Output is not null)
            RefuseAnotherSweep(sweep);
        var outcome = Execute(services, sweep, fresh, quiet, cancellation, settings => extras(settings) with { Overrides = overrides });
        if (extras(new WorkerSettings([], 1)).Leaves)
            return outcome.Interrupted && cancellation.IsCancellationRequested ? outcome.ExitCode : 0;
        var complete = LeaderboardFiles.WriteAndShow(sweep.Folder, sweep.Title, sweep.Rule, console);
        return outcome.ExitCode == 0 && !complete ? Application.RunsMissing : outcome.ExitCode;
    }

    /// <exception cref="InputException">Another sweep has its leaderboard there.</exception>
    private static void RefuseAnotherSweep(Sweep sweep)
    {
        var file = Path.Combine(sweep.Folder, SweepFolders.AsRun);
        if (File.Exists(file) && File.ReadAllText(file) != sweep.Text)
            throw new InputException($"--output {sweep.Folder}: the leaderboard of another sweep is there, as {SweepFolders.AsRun} says; name a folder that is empty or not there yet");
    }

    /// <summary>Makes a sweep's runs on the devices and with the parallelism that the user asked for, and shows how they come on.</summary>
    public static SweepOutcome Execute(IServiceProvider services, Sweep sweep, bool fresh, bool quiet, CancellationToken cancellation, Func<WorkerSettings, WorkerSettings>? extras = null)
    {
        var given = services.GetRequiredService<ApplicationSettings>();
        var devices = Devices.Listed(given.Device);
        var settings = new WorkerSettings(devices, Parallel(given, sweep, devices.Count))
        {
            Data = given.Data,
            Plugins = given.Plugins,
            Fresh = fresh,
            StepLimit = TimeSpan.FromSeconds(given.StepLimitSeconds),
            MemoryLimitBytes = given.MemoryLimitBytes,
            Silence = TimeSpan.FromSeconds(given.SilenceSeconds),
        };
        var runner = new SweepRunner(extras?.Invoke(settings) ?? settings);
        return SweepView.Show(services.GetRequiredService<IAnsiConsole>(), quiet, new RunNames(sweep), observer => runner.Run(sweep, observer, cancellation));
    }

    private static SweepSettings DryRunSettings(IServiceProvider services, Sweep sweep, bool fresh)
    {
        var given = services.GetRequiredService<ApplicationSettings>();
        var workers = Devices.Listed(given.Device).Count;
        return new SweepSettings(given.Data, Devices.First(given.Device), Parallel(given, sweep, workers) * workers, fresh) { StepLimit = TimeSpan.FromSeconds(given.StepLimitSeconds) };
    }

    /// <summary>Of one worker.</summary>
    private static int Parallel(ApplicationSettings settings, Sweep sweep, int workers) =>
        settings.Parallel ?? Math.Max(1, Environment.ProcessorCount / sweep.Runs.Max(run => run.Training.Threads) / workers);
}
