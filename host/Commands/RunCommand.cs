using System.CommandLine;
using KdMtlBench.Host.Reports;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Sweeps.Reading;
using KdMtlBench.Host.Views;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;
using TorchSharp;
using Device = TorchSharp.torch.Device;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl run SWEEP</c>: makes what a sweep asks for and writes its leaderboard.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var sweep = new Argument<string>("sweep") { Description = "A sweep.yaml, its folder, or the name of a folder in results/" };
        var data = new Option<string?>("--data") { Description = "Folder of data sets. KDMTL_DATA" };
        var device = new Option<string?>("--device") { Description = "cpu, cuda, or auto: cuda where there is one. KDMTL_DEVICE" };
        var parallel = new Option<string?>("--parallel") { Description = "Runs at once (default: cores / threads of a run). KDMTL_PARALLEL" };
        var stepLimit = new Option<string?>("--step-limit-seconds") { Description = "A run that does nothing for longer hangs, and fails (default 300). KDMTL_STEP_LIMIT_SECONDS" };
        var fresh = new Option<bool>("--fresh") { Description = "Run again what is finished already" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be run, in which order, with estimates of time and disk; start nothing" };
        var tensorBoard = new Option<bool>("--tensorboard") { Description = "Write the curves also for TensorBoard: tensorboard --logdir results/NAME/output/runs" };
        var conflict = new Option<bool>("--conflict") { Description = "Look after every epoch at the angles between the tasks' gradients, for the report" };
        var quiet = new Option<bool>("--quiet") { Description = "No progress, only the leaderboard" };
        var seeds = new Option<string?>("--seeds") { Description = "In place of the file's: a number of seeds, or a list as 1,2,5" };
        var strategies = new Option<string?>("--strategies") { Description = "Only these, as pcgrad,uncertainty+mgda: the file's entries of that name, else with default options" };
        var set = new Option<string[]>("--set") { Description = "In place of the file's: training.epochs=3, benchmark.scenes.height=64, strategies.dwa.temperature=[1,2]; may be given again" };
        var output = new Option<string?>("--output") { Description = "Folder of the runs and the leaderboard, in place of the sweep's own output folder; needed with the three options before" };
        var command = new Command("run", "Run a sweep and write its leaderboard") { sweep, seeds, strategies, set, output, data, device, parallel, stepLimit, fresh, dryRun, tensorBoard, conflict, quiet, Application.Plugins };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?>
            {
                ["data"] = parse.GetValue(data),
                ["device"] = parse.GetValue(device),
                ["parallel"] = parse.GetValue(parallel),
                ["step_limit_seconds"] = parse.GetValue(stepLimit),
                ["plugins"] = parse.GetValue(Application.Plugins),
            },
            (services, cancellation) => Run(services, parse.GetRequiredValue(sweep), Overrides(parse), parse.GetValue(fresh), parse.GetValue(dryRun), parse.GetValue(quiet), cancellation,
                settings => settings with { TensorBoard = parse.GetValue(tensorBoard), Conflict = parse.GetValue(conflict) })));
        return command;

        SweepOverrides Overrides(ParseResult parse) =>
            new(parse.GetValue(seeds), parse.GetValue(strategies), parse.GetValue(set) ?? [], parse.GetValue(output));
    }

    private static int Run(IServiceProvider services, string name, SweepOverrides overrides, bool fresh, bool dryRun, bool quiet, CancellationToken cancellation, Func<SweepSettings, SweepSettings> extras)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        overrides.RequireOutput();
        _ = Application.PluginsOf(services);
        var sweep = services.GetRequiredService<SweepReader>().Read(SweepNames.File(name, console.WriteLine), overrides);
        foreach (var warning in sweep.Warnings)
            console.MarkupLineInterpolated($"[yellow]{warning}[/]");
        if (dryRun)
        {
            var plans = Runner(services, sweep, fresh).Plan(sweep, PlainView.Silent, cancellation);
            PlanView.Show(console, sweep, plans);
            return plans.Any(plan => plan.Runs.Any(run => run.Trouble is not null)) ? 1 : 0;
        }

        if (overrides.Output is not null)
            RefuseAnotherSweep(sweep);
        var outcome = Execute(services, sweep, fresh, quiet, cancellation, extras);
        var complete = LeaderboardFiles.WriteAndShow(sweep.Folder, sweep.Title, console);
        return outcome.ExitCode == 0 && !complete ? Application.RunsMissing : outcome.ExitCode;
    }

    /// <exception cref="InputException">Another sweep has its leaderboard there.</exception>
    private static void RefuseAnotherSweep(Sweep sweep)
    {
        var file = Path.Combine(sweep.Folder, SweepFolders.AsRun);
        if (File.Exists(file) && File.ReadAllText(file) != sweep.Text)
            throw new InputException($"--output {sweep.Folder}: the leaderboard of another sweep is there, as {SweepFolders.AsRun} says; name a folder that is empty or not there yet");
    }

    /// <summary>Makes a sweep's runs on the device and with the parallelism that the user asked for, and shows how they come on.</summary>
    public static SweepOutcome Execute(IServiceProvider services, Sweep sweep, bool fresh, bool quiet, CancellationToken cancellation, Func<SweepSettings, SweepSettings>? extras = null)
    {
        var runner = Runner(services, sweep, fresh, extras);
        return SweepView.Show(services.GetRequiredService<IAnsiConsole>(), quiet, new RunNames(sweep), observer => runner.Run(sweep, observer, cancellation));
    }

    private static SweepRunner Runner(IServiceProvider services, Sweep sweep, bool fresh, Func<SweepSettings, SweepSettings>? extras = null)
    {
        var settings = services.GetRequiredService<ApplicationSettings>();
        var threads = sweep.Runs.Max(run => run.Training.Threads);
        var parallel = settings.Parallel ?? Math.Max(1, Environment.ProcessorCount / threads);
        var all = new SweepSettings(settings.Data, DeviceNamed(settings.Device), parallel, fresh) { StepLimit = TimeSpan.FromSeconds(settings.StepLimitSeconds) };
        return new SweepRunner(extras?.Invoke(all) ?? all);
    }

    public static Device DeviceNamed(string name) => name switch
    {
        "cpu" => torch.CPU,
        "cuda" when torch.cuda.is_available() => torch.CUDA,
        "cuda" => throw new InputException("device `cuda`: this libtorch sees none; build with -p:TorchBackend=cuda on a machine with a GPU, or take `cpu`"),
        "auto" => torch.cuda.is_available() ? torch.CUDA : torch.CPU,
        _ => throw new InputException($"device `{name}`: take cpu, cuda or auto"),
    };
}
