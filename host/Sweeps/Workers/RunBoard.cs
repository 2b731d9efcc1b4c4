using System.Collections.Concurrent;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Storage.Sharing;

namespace KdMtlBench.Host.Sweeps.Workers;

/// <summary>What a supervisor knows of its runs, from what its workers tell; the observer is told in turn.</summary>
internal sealed class RunBoard(Sweep sweep, ISweepObserver observer)
{
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _open = new();
    private readonly RunStore _store = new(sweep.Folder);
    private readonly AskedRuns _asked = new(sweep);
    private readonly Dictionary<string, RunSpec> _runs = sweep.Runs.ToDictionary(run => run.Id, StringComparer.Ordinal);
    private readonly HashSet<string> _over = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, UnderWay> _underWay = new(StringComparer.Ordinal);

    /// <summary>Set once a worker has begun the sweep.</summary>
    public WaitHandle Open => _open.WaitHandle;

    public bool IsOpen => _open.IsSet;

    public bool AllOver
    {
        get
        {
            lock (_gate)
                return _asked.Runs.All(run => _over.Contains(run.Id));
        }
    }

    /// <summary>The runs that the sweep asks for by now, in order.</summary>
    public IReadOnlyList<RunSpec> Asked
    {
        get
        {
            lock (_gate)
                return _asked.Runs;
        }
    }

    /// <summary>How many runs the next round of seeds may have; 0 where there are no rounds.</summary>
    public int MostOfNextRound
    {
        get
        {
            lock (_gate)
                return _asked.RunsOfLastRound;
        }
    }

    /// <summary>The runs that no worker here is at and that are not over, in order.</summary>
    public IReadOnlyList<RunSpec> Unattended()
    {
        lock (_gate)
            return [.. _asked.Runs.Where(run => !_over.Contains(run.Id) && !_underWay.ContainsKey(run.Id))];
    }

    /// <summary>The records that the runs of a worker have where it ends now.</summary>
    public IReadOnlyList<RunRecord> UnderWayOn(int worker)
    {
        lock (_gate)
            return [.. _underWay.Values.Where(run => run.Worker == worker).Select(run => run.Record).Where(record => !_store.IsOver(record.Id))];
    }

    /// <summary>For the sign of life.</summary>
    public IReadOnlyList<RunAtWork> AtWork()
    {
        lock (_gate)
            return [.. _underWay.Select(run => new RunAtWork(run.Key, run.Value.Device, run.Value.Since, run.Value.Epochs, _runs[run.Key].Training.Epochs))];
    }

    /// <summary>A worker has ended; nobody is at its runs.</summary>
    public void Leave(int worker)
    {
        lock (_gate)
        {
            foreach (var (id, _) in _underWay.Where(run => run.Value.Worker == worker).ToList())
                _underWay.TryRemove(id, out _);
        }
    }

    /// <summary>The run has its record, whoever wrote it.</summary>
    public void Finish(string id)
    {
        lock (_gate)
        {
            _underWay.TryRemove(id, out _);
            if (RunStore.RecordIn(_store.Folder(id)) is not { } record || !_over.Add(id) || !_asked.Contains(id))
                return;
            observer.RunFinished(_runs[id], record);
            while (AllOver && _asked.Next(_over) is { Count: > 0 } round)
                Begin(round);
        }
    }

    /// <summary>Writes the record of a run that has ended its process.</summary>
    public void Fail(RunRecord record, IReadOnlyList<string> lastLines)
    {
        _store.WriteFailure(record.Id, string.Join('\n', lastLines.Prepend(record.Failure)) + "\n");
        _store.MarkMadeHere(record.Id);
        _store.Write(record);
        Finish(record.Id);
    }

    public void Hear(int worker, string device, WorkerEvent what)
    {
        lock (_gate)
        {
            switch (what.Kind)
            {
                case WorkerEventKind.Started:
                    Start(what.Over);
                    break;
                case WorkerEventKind.RunStarted:
                    _underWay[what.Run!] = new UnderWay(what.Record!, worker, device, DateTimeOffset.UtcNow);
                    observer.RunStarted(_runs[what.Run!], () => EpochsOf(what.Run!));
                    break;
                case WorkerEventKind.Resumed:
                    observer.Resumed(_runs[what.Run!], what.Epochs);
                    break;
                case WorkerEventKind.EpochDone:
                    observer.EpochDone(_runs[what.Run!], what.Epoch!);
                    break;
                case WorkerEventKind.RunFinished:
                    Finish(what.Run!);
                    break;
                case WorkerEventKind.Message:
                    observer.Message(what.Text!);
                    break;
                case WorkerEventKind.Alive:
                    foreach (var (id, epochs) in what.Progress)
                        if (_underWay.TryGetValue(id, out var run))
                            run.Epochs = epochs;
                    break;
            }
        }
    }

    private void Start(IReadOnlyList<string> over)
    {
        if (IsOpen)
        {
            foreach (var id in over)
                Finish(id);
            return;
        }

        _over.UnionWith(over);
        while (AllOver && _asked.Next(_over).Count > 0)
        {
        }

        Mark();
        var kept = over.Where(_asked.Contains).Select(id => RunStore.RecordIn(_store.Folder(id))).OfType<RunRecord>().ToList();
        observer.Started([.. _asked.Runs.Where(run => !_over.Contains(run.Id))], kept);
        _open.Set();
    }

    /// <summary>How many runs there are by now.</summary>
    private void Mark()
    {
        if (_asked.RunsOfLastRound > 0)
            UnfinishedMark.Set(sweep.Folder, _asked.Runs.Count, Provenance.SameCommand);
    }

    private void Begin(IReadOnlyList<RunSpec> round)
    {
        Mark();
        observer.Message(_asked.About(round));
        observer.Started([.. round.Where(run => !_over.Contains(run.Id))], []);
    }

    /// <summary>Asked by a view that is drawn under a lock of its own, which it also takes when it is told something under this one's: no lock here.</summary>
    private double EpochsOf(string id) => _underWay.TryGetValue(id, out var run) ? run.Epochs : 0;

    private sealed record UnderWay(RunRecord Record, int Worker, string Device, DateTimeOffset Since)
    {
        private double _epochs;

        public double Epochs
        {
            get => Volatile.Read(ref _epochs);
            set => Volatile.Write(ref _epochs, value);
        }
    }
}
