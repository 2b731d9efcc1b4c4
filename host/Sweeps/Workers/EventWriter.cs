using System.Collections.Concurrent;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Workers;

/// <summary>A worker's side of the pipe.</summary>
internal sealed class EventWriter : ISweepObserver, IDisposable
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(0.5);

    private readonly ConcurrentDictionary<string, Func<double>> _underWay = new(StringComparer.Ordinal);
    private readonly Lock _writing = new();
    private readonly TextWriter _pipe;
    private readonly Timer _timer;

    public EventWriter(TextWriter pipe)
    {
        _pipe = pipe;
        _timer = new Timer(_ => Write(new WorkerEvent(WorkerEventKind.Alive) { Progress = _underWay.ToDictionary(run => run.Key, run => run.Value()) }), null, _period, _period);
    }

    public void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept) =>
        Write(new WorkerEvent(WorkerEventKind.Started) { Over = [.. kept.Select(record => record.Id)] });

    /// <summary>Before <see cref="RunStarted"/>: what the supervisor writes where this process ends in the run.</summary>
    public void Beginning(RunRecord record) => Write(new WorkerEvent(WorkerEventKind.RunStarted) { Run = record.Id, Record = record });

    public void RunStarted(RunSpec run, Func<double> epochs) => _underWay[run.Id] = epochs;

    public void Resumed(RunSpec run, double epochs) => Write(new WorkerEvent(WorkerEventKind.Resumed) { Run = run.Id, Epochs = epochs });

    public void EpochDone(RunSpec run, EpochRecord epoch) => Write(new WorkerEvent(WorkerEventKind.EpochDone) { Run = run.Id, Epoch = epoch });

    public void RunFinished(RunSpec run, RunRecord record)
    {
        _underWay.TryRemove(run.Id, out _);
        Write(new WorkerEvent(WorkerEventKind.RunFinished) { Run = run.Id });
    }

    public void Message(string text) => Write(new WorkerEvent(WorkerEventKind.Message) { Text = text });

    public void End(WorkerEventKind kind, string? text = null) => Write(new WorkerEvent(kind) { Text = text });

    public void Dispose() => _timer.Dispose();

    private void Write(WorkerEvent what)
    {
        lock (_writing)
        {
            try
            {
                _pipe.WriteLine(what.ToLine());
                _pipe.Flush();
            }
            catch (IOException)
            {
                // nobody listens any more; the end of the input will end this process
            }
        }
    }
}
