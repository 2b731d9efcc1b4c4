using System.Diagnostics;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Views;

/// <summary>A line a finished run, and a sign of life in between.</summary>
internal sealed class PlainView(TextWriter output, RunNames names) : ISweepObserver
{
    /// <summary>Says nothing.</summary>
    public static PlainView Silent => new(TextWriter.Null, new RunNames([]));

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);
    private readonly Stopwatch _sinceLastLine = Stopwatch.StartNew();
    private TimeLeft _estimate = new(0, TimeProvider.System);
    private int _epochs;
    private int _total;
    private int _finished;

    public void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept)
    {
        (_total, _finished) = (pending.Count, 0);
        _epochs = 0;
        _estimate = new TimeLeft(pending.Sum(run => (double)run.Training.Epochs), TimeProvider.System);
        Line(kept.Count == 0 ? $"{pending.Count} runs" : $"{pending.Count} runs; {kept.Count} more are finished already (--fresh runs them again)");
    }

    public void RunStarted(RunSpec run, Func<double> epochs)
    {
    }

    public void Resumed(RunSpec run, double epochs)
    {
        _estimate.Skip(Math.Floor(epochs));
        _epochs += (int)epochs;
        Line($"      {names.Resumed(run, epochs)}");
    }

    public void EpochDone(RunSpec run, EpochRecord epoch)
    {
        _epochs++;
        if (_sinceLastLine.Elapsed > Silence)
            Line($"      {names.Of(run)}: epoch {epoch.Epoch}/{run.Training.Epochs}, {_estimate.Left(_epochs)}");
    }

    public void RunFinished(RunSpec run, RunRecord record)
    {
        _finished++;
        Line($"[{_finished,2}/{_total}] {names.Of(run)}: {RunText.Ending(record)}, {_estimate.Left(_epochs)}");
    }

    public void Message(string text) => Line(text);

    private void Line(string text)
    {
        output.WriteLine(text);
        output.Flush();
        _sinceLastLine.Restart();
    }
}
