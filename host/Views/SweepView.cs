using KdMtlBench.Host.Sweeps;
using Spectre.Console;

namespace KdMtlBench.Host.Views;

/// <summary>Shows a sweep while it runs: bars on a terminal, lines elsewhere, nothing when asked for quiet.</summary>
internal static class SweepView
{
    public static SweepOutcome Show(IAnsiConsole console, bool quiet, Func<ISweepObserver, SweepOutcome> sweep)
    {
        if (quiet)
            return sweep(new PlainView(TextWriter.Null));
        if (!console.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
            return sweep(new PlainView(Console.Out));
        return console.Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context => sweep(new LiveView(console, context)));
    }
}
