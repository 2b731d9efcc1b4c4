using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps;
using Spectre.Console;

namespace KdMtlBench.Host.Views;

/// <summary>Shows a sweep while it runs: a screen on a terminal, lines elsewhere, nothing when asked for quiet.</summary>
internal static class SweepView
{
    public static SweepOutcome Show(IAnsiConsole console, bool quiet, RunNames names, Func<ISweepObserver, SweepOutcome> sweep)
    {
        if (quiet)
            return sweep(PlainView.Silent);
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi || Console.IsOutputRedirected)
            return sweep(new PlainView(Console.Out, names));
        var progress = new SweepProgress(TimeProvider.System);
        return console.Live(new SweepScreen(progress.Now, names)).AutoClear(true).Start(context =>
        {
            using var view = new LiveView(console, progress, names, context.Refresh);
            return sweep(view);
        });
    }
}
