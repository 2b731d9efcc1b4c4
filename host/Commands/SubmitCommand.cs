using System.CommandLine;
using KdMtlBench.Host.Commands.Slurm;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Reading;
using KdMtlBench.Host.Sweeps.Workers;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl submit SWEEP</c>: runs a sweep on a Slurm cluster.</summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var sweep = new Argument<string>("sweep") { Description = "A sweep.yaml, its folder, or the name of a folder in results/" };
        var options = new Argument<string[]>("options") { Description = "After --, options of `kdmtl run`, e.g. -- --data /data --parallel 2 --seeds 5 --output DIR", Arity = ArgumentArity.ZeroOrMore };
        var workers = new Option<string?>("--workers") { Description = "Tasks of the array, each with one worker per device (default 1)" };
        var partition = new Option<string?>("--partition") { Description = "As for sbatch" };
        var time = new Option<string?>("--time") { Description = "Time limit of a task, as for sbatch; a task that reaches it is requeued and resumes" };
        var gpus = new Option<string?>("--gpus") { Description = "GPUs per task, e.g. 1 or a100:1" };
        var cpus = new Option<string?>("--cpus") { Description = "CPUs per task" };
        var memory = new Option<string?>("--memory") { Description = "Memory per task, e.g. 32G" };
        var container = new Option<string?>("--container") { Description = "Command prefix that starts a container, e.g. \"apptainer exec --nv image.sif\"" };
        var others = new Option<string[]>("--sbatch") { Description = "Any other option of sbatch, e.g. --sbatch=--account=vision; may be repeated" };
        var warning = new Option<string?>("--warning-seconds") { Description = "How long before the time limit a task begins to stop (default 120)" };
        var print = new Option<bool>("--print") { Description = "Only write the scripts; submit nothing" };
        var command = new Command("submit", "Run a sweep on a Slurm cluster: an array of workers, then a job that makes leaderboard and report")
        {
            sweep, options, workers, partition, time, gpus, cpus, memory, container, others, warning, print, Application.Plugins,
        };
        command.SetAction((parse, _) => Application.RunAsync(
            new Dictionary<string, string?> { ["plugins"] = parse.GetValue(Application.Plugins) },
            (services, _) => Submit(
                services,
                parse.GetRequiredValue(sweep),
                [.. parse.GetValue(options) ?? [], .. parse.GetValue(Application.Plugins) is { } plugins ? ["--plugins", plugins] : Array.Empty<string>()],
                (name, folder) => new SlurmJob(name, folder, Environment.CurrentDirectory)
                {
                    Workers = Number(parse.GetValue(workers), "--workers", "a number of tasks, 1 or more") ?? 1,
                    Partition = parse.GetValue(partition),
                    Time = parse.GetValue(time),
                    Gpus = parse.GetValue(gpus),
                    Cpus = Number(parse.GetValue(cpus), "--cpus", "a number of processors, 1 or more"),
                    Memory = parse.GetValue(memory),
                    Container = parse.GetValue(container) ?? "",
                    Others = parse.GetValue(others) ?? [],
                    WarningSeconds = Number(parse.GetValue(warning), "--warning-seconds", "a number of seconds, 1 or more") ?? 120,
                },
                parse.GetValue(print))));
        return command;
    }

    private static int? Number(string? text, string option, string wanted) => text is null ? null : Numbers.AtLeastOne(text, option, wanted);

    private static int Submit(IServiceProvider services, string name, IReadOnlyList<string> options, Func<string, string, SlurmJob> job, bool print)
    {
        var console = services.GetRequiredService<IAnsiConsole>();
        if (options.Contains("--fresh"))
            throw new InputException("--fresh: a task that is put back into the queue would begin again; run the sweep elsewhere first, or delete its output folder");
        var file = Path.GetFullPath(SweepNames.File(name, console.WriteLine));
        _ = Application.PluginsOf(services);
        var sweep = services.GetRequiredService<SweepReader>().Read(file, RunCommand.OverridesIn([file, .. options])); // mistakes are told now, not by a job
        var folder = Path.Combine(sweep.Folder, "slurm");
        var asked = job(Path.GetFileName(Path.GetDirectoryName(file)!), folder);
        var environment = Application.Checkout() is { } root ? Path.Combine(root, "host", "environment.sh") : null;
        var (workers, leaderboard) = (Path.Combine(folder, "workers.sh"), Path.Combine(folder, "leaderboard.sh"));
        AtomicFile.Write(workers, SlurmScripts.Workers(asked, [.. ThisProgram.Words, "run", file, .. options, "--part"], environment));
        AtomicFile.Write(leaderboard, SlurmScripts.Leaderboard(asked, [.. ThisProgram.Words, "leaderboard", Path.Combine(sweep.Folder, SweepFolders.AsRun)], environment));
        console.WriteLine($"Written: {workers} and {leaderboard}");
        if (print)
        {
            console.WriteLine("Nothing is submitted. This does it:");
            console.WriteLine($"  sbatch --dependency=afterany:$(sbatch --parsable {workers}) {leaderboard}");
            return 0;
        }

        var array = Sbatch.Submit(workers);
        var last = Sbatch.Submit(leaderboard, $"--dependency=afterany:{array}");
        console.WriteLine($"Submitted: job {array}, {(asked.Workers == 1 ? "1 worker" : $"an array of {asked.Workers} workers")}; job {last} makes leaderboard and report when they have ended.");
        console.WriteLine($"`kdmtl status {sweep.Folder}` tells how far they are, {folder} has their logs, `scancel {array}` ends them; submitted again, the sweep goes on.");
        return 0;
    }
}
