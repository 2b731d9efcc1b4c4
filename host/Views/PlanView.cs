using System.Globalization;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps;
using Spectre.Console;

namespace KdMtlBench.Host.Views;

/// <summary>Shows what a sweep would do.</summary>
internal static class PlanView
{
    public static void Show(IAnsiConsole console, Sweep sweep, IReadOnlyList<SweepPlan> plans)
    {
        foreach (var plan in plans)
        {
            if (plans.Count > 1)
                console.WriteLine(plan == plans[0] ? "The trials:" : "Then, with the settings that these choose:");
            Show(console, sweep, plan);
        }
    }

    private static void Show(IAnsiConsole console, Sweep sweep, SweepPlan plan)
    {
        var names = new RunNames(sweep);
        var table = new Table().Border(TableBorder.None)
            .AddColumn(new TableColumn("").RightAligned()).AddColumn("run").AddColumn("after").AddColumn(new TableColumn("epochs").RightAligned()).AddColumn(new TableColumn("about").RightAligned());
        foreach (var (run, place) in plan.Runs.Select((run, i) => (run, i + 1)))
            table.AddRow(
                place.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(names.Of(run.Run)),
                string.Join(", ", run.Teachers),
                run.EpochsBehind > 0 ? $"{run.EpochsBehind + 1}–{run.Run.Training.Epochs}" : $"{run.Run.Training.Epochs}",
                run.Trouble is null ? TimeLeft.Text(run.Time) : "fails");
        if (plan.Runs.Count > 0)
            console.Write(table);
        foreach (var kind in plan.Runs.Where(run => run.Trouble is not null).GroupBy(run => $"{run.Run.Benchmark.Label}, {run.Run.Model.Label}, {run.Run.StrategyLabel}"))
            console.MarkupLineInterpolated($"[yellow]{kind.Key}: the first steps fail: {kind.First().Trouble}[/]");
        console.MarkupLineInterpolated($"{plan.Runs.Count} runs to be made, {plan.Finished} finished already.");
        console.MarkupLineInterpolated($"Time: about {TimeLeft.Text(plan.Time / plan.Parallel)} at --parallel {plan.Parallel}, {TimeLeft.Text(plan.Time)} of work; from a few steps of each kind, one run at a time.");
        console.MarkupLineInterpolated($"Disk: about {Mebibytes(plan.StayingBytes)} to stay and up to {Mebibytes(plan.PassingBytes)} of checkpoints meanwhile; {Mebibytes(Free(sweep.Folder))} are free.");
    }

    /// <summary>Where the folder is, or will be.</summary>
    private static long Free(string folder) => Directory.Exists(folder) ? new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace : Free(Path.GetDirectoryName(Path.GetFullPath(folder))!);

    private static string Mebibytes(long bytes) => $"{(bytes / 1048576.0).ToString(bytes < 100 * 1048576L ? "0.0" : "0", CultureInfo.InvariantCulture)} MiB";
}
