using KdMtlBench.Host.Sweeps;
using Spectre.Console;

namespace KdMtlBench.Host.Views;

/// <summary>Shows a sweep while it runs: a screen on a terminal, lines elsewhere, nothing when asked for quiet.</summary>
internal static class SweepView
{
    public static SweepOutcome Show(IAnsiConsole console, bool quiet, Func<ISweepObserver, SweepOutcome> sweep)
    {
        if (quiet)
            return sweep(new PlainView(TextWriter.Null));
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi || Console.IsOutputRedirected)
            return sweep(new PlainView(Console.Out));
        var progress = new SweepProgress(TimeProvider.System);
        return console.Live(new SweepScreen(progress.Now)).AutoClear(true).Start(context =>
        {
            using var view = new LiveView(console, progress, context.Refresh);
            return sweep(view);
        });
    }
}
