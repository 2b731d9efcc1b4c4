using KdMtlBench.Host.Results;
using KdMtlBench.Host.Sweeps;
using Spectre.Console;

namespace KdMtlBench.Host.Views;

/// <summary>A bar for the sweep with the time left, and a bar for each run under way.</summary>
internal sealed class LiveView(IAnsiConsole console, ProgressContext context) : ISweepObserver
{
    private readonly Dictionary<string, ProgressTask> _bars = [];
    private ProgressTask? _sweep;
    private TimeLeft _estimate = new(0);

    public void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept)
    {
        var epochs = pending.Sum(run => (long)run.Training.Epochs);
        _estimate = new TimeLeft(epochs);
        _sweep = context.AddTask("sweep", maxValue: Math.Max(1, epochs));
        if (kept.Count > 0)
            Message($"{kept.Count} runs are finished already (--fresh runs them again)");
    }

    public void RunStarted(RunSpec run) => _bars[run.Id] = context.AddTask(Markup.Escape(RunText.Name(run)), maxValue: run.Training.Epochs);

    public void Resumed(RunSpec run, int epochs)
    {
        _estimate.Skip(epochs);
        _sweep!.Increment(epochs);
        _bars[run.Id].Increment(epochs);
        Message(RunText.Resumed(run, epochs));
    }

    public void EpochDone(RunSpec run, EpochRecord epoch)
    {
        _estimate.EpochsDone(1);
        _sweep!.Increment(1);
        _sweep.Description = $"sweep, {_estimate.Left()}";
        _bars[run.Id].Increment(1);
        _bars[run.Id].Description = Markup.Escape($"{RunText.Name(run)}: {RunText.Scores(epoch.Validation)}");
    }

    public void RunFinished(RunSpec run, RunRecord record)
    {
        if (_bars.Remove(run.Id, out var bar))
            bar.StopTask();
        console.MarkupLineInterpolated($"{RunText.Name(run)}: {RunText.Ending(record)}");
    }

    public void Message(string text) => console.MarkupLineInterpolated($"{text}");
}
