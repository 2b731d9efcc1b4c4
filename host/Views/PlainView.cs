using System.Diagnostics;
using KdMtlBench.Host.Results;
using KdMtlBench.Host.Sweeps;

namespace KdMtlBench.Host.Views;

/// <summary>A line a finished run, and a sign of life in between.</summary>
internal sealed class PlainView(TextWriter output) : ISweepObserver
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);
    private readonly Stopwatch _sinceLastLine = Stopwatch.StartNew();
    private TimeLeft _estimate = new(0);
    private int _total;
    private int _finished;

    public void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept)
    {
        _total = pending.Count;
        _estimate = new TimeLeft(pending.Sum(run => (long)run.Training.Epochs));
        Line(kept.Count == 0 ? $"{pending.Count} runs" : $"{pending.Count} runs; {kept.Count} more are finished already (--fresh runs them again)");
    }

    public void RunStarted(RunSpec run)
    {
    }

    public void Resumed(RunSpec run, int epochs)
    {
        _estimate.Skip(epochs);
        Line($"      {RunText.Resumed(run, epochs)}");
    }

    public void EpochDone(RunSpec run, EpochRecord epoch)
    {
        _estimate.EpochsDone(1);
        if (_sinceLastLine.Elapsed > Silence)
            Line($"      {RunText.Name(run)}: epoch {epoch.Epoch}/{run.Training.Epochs}, {_estimate.Left()}");
    }

    public void RunFinished(RunSpec run, RunRecord record)
    {
        _finished++;
        Line($"[{_finished,2}/{_total}] {RunText.Name(run)}: {RunText.Ending(record)}, {_estimate.Left()}");
    }

    public void Message(string text) => Line(text);

    private void Line(string text)
    {
        output.WriteLine(text);
        output.Flush();
        _sinceLastLine.Restart();
    }
}
