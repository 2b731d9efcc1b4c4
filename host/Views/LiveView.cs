using KdMtlBench.Host.Runs;
using Spectre.Console;

namespace KdMtlBench.Host.Views;

/// <summary>The <see cref="SweepScreen"/>, drawn again twice a second; what is over and what there is to say stays above it.</summary>
/// <remarks>Spectre takes its two locks in one order when a line is written and in the other when the screen is drawn:
/// both happen under a lock of this class.</remarks>
internal sealed class LiveView : ISweepObserver, IDisposable
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(0.5);
    private readonly Lock _drawing = new();
    private readonly IAnsiConsole _console;
    private readonly SweepProgress _progress;
    private readonly RunNames _names;
    private readonly Action _redraw;
    private readonly Timer _timer;

    public LiveView(IAnsiConsole console, SweepProgress progress, RunNames names, Action redraw)
    {
        (_console, _progress, _names, _redraw) = (console, progress, names, redraw);
        _timer = new Timer(_ => Draw(() => { }), null, _period, _period);
    }

    public void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept)
    {
        _progress.Started(pending, kept);
        if (kept.Count > 0)
            Message($"{kept.Count} runs are finished already (--fresh runs them again)");
    }

    public void RunStarted(RunSpec run, Func<double> epochs) => _progress.RunStarted(run, epochs);

    public void Resumed(RunSpec run, double epochs)
    {
        _progress.Resumed(run, epochs);
        Message(_names.Resumed(run, epochs));
    }

    public void EpochDone(RunSpec run, EpochRecord epoch) => _progress.EpochDone(run, epoch);

    public void RunFinished(RunSpec run, RunRecord record)
    {
        _progress.RunFinished(run, record);
        var color = record.Status == RunStatus.Failed ? Color.Red : Color.Default;
        Write(new Text($"{_names.Of(run)}: {RunText.Ending(record)}", new Style(color)));
    }

    public void Message(string text) => Write(new Text(text));

    public void Dispose()
    {
        _timer.Dispose();
        lock (_drawing)
        {
            // a drawing that is under way has ended; a later one finds the screen gone and does nothing to it
        }
    }

    /// <summary>Lines as wide as the terminal: what stood there of the screen is written over.</summary>
    private void Write(Text text) => Draw(() => _console.Write(new Padder(text, new Padding(0)).Expand()));

    private void Draw(Action above)
    {
        lock (_drawing)
        {
            above();
            _redraw();
        }
    }
}
