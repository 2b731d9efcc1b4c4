using System.Runtime.ExceptionServices;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Storage.Sharing;

namespace KdMtlBench.Host.Sweeps.Workers;

/// <summary>Starts workers, one a device, and sees to it that every run gets its record, whatever becomes of them.</summary>
/// <remarks>A worker that dies takes no run along: those that it was at are tried again, each alone in a worker, and one that ends this one as well
/// fails. Runs of other processes that are no more are taken over. No plugin's training runs in this process.</remarks>
internal sealed class Supervisor : IDisposable
{
    /// <summary>In a row, with no run under way: more of them would be no better.</summary>
    private const int MostDeaths = 3;

    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    private readonly SweepPart _part;
    private readonly WorkerSettings _settings;
    private readonly ISweepObserver _observer;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _cancellation;
    private readonly RunBoard _board;
    private readonly RunStore _store;
    private readonly ClaimFolder _claims;
    private readonly Holder _me = Holder.New();
    private readonly Presence _presence;
    private readonly RunsToBegin _runs;
    private bool _waits;
    private bool _leaves;
    private Exception? _failure;

    public Supervisor(Sweep sweep, SweepPart part, WorkerSettings settings, ISweepObserver observer, CancellationToken cancellation)
    {
        (_part, _settings, _observer, _cancellation) = (part, settings, observer, cancellation);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _board = new RunBoard(sweep, observer);
        _store = new RunStore(sweep.Folder);
        _claims = new ClaimFolder(sweep.Folder, settings.Silence);
        _presence = new Presence(sweep.Folder, _claims, _me, _board.AtWork);
        _runs = new RunsToBegin(_claims, _store, _me, settings.Parallel, _board.Finish);
    }

    /// <summary>Returns when all runs are over, or the sweep was stopped.</summary>
    /// <exception cref="InputException">Nothing has been started.</exception>
    /// <exception cref="StorageException">Records cannot be written.</exception>
    public void Make()
    {
        var slots = _settings.Devices.Select((device, number) => new Thread(() => Guarded(() => Serve(device, number))) { Name = "worker", IsBackground = true }).ToList();
        slots.ForEach(slot => slot.Start());
        slots.ForEach(slot => slot.Join());
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
        if (!_board.IsOpen)
            _cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>The runs that the sweep has asked for.</summary>
    public IReadOnlyList<RunSpec> Asked => _board.Asked;

    public void Dispose()
    {
        _presence.Dispose();
        _stop.Dispose();
    }

    private void Guarded(Action serve)
    {
        try
        {
            serve();
        }
#pragma warning disable CA1031 // thrown again where the runs were asked for
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, e, null);
            _stop.Cancel();
        }
    }

    /// <summary>One worker after the other, as long as there is something to begin.</summary>
    private void Serve(string device, int number)
    {
        if (number > 0) // the first begins the sweep, and the others find the data read and the sweep checked
            WaitHandle.WaitAny([_board.Open, _stop.Token.WaitHandle]);
        IReadOnlyList<string> suspects = [];
        var deaths = 0;
        while (!_stop.IsCancellationRequested && !_leaves && !_board.AllOver)
        {
            var share = suspects.Count > 0 ? Mine() with { Given = suspects, GivenOnly = true } : Choose(number);
            if (share is null)
            {
                _stop.Token.WaitHandle.WaitOne(_look);
                continue;
            }

            share = share with { SkipsTrial = deaths > 0 };
            var death = Work(device, number, share);
            var atWork = _board.UnderWayOn(number);
            _board.Leave(number);
            if (death is not null)
                suspects = Bury(device, number, death, atWork, suspects, ref deaths);
            else
                (suspects, deaths) = ([], 0);
            _runs.Leave(number, suspects);
        }
    }

    /// <summary>Runs a worker to its end.</summary>
    /// <returns>How it died; null where it ended well.</returns>
    private WorkerEnd? Work(string device, int number, Share share)
    {
        _runs.Begin();
        using var worker = new WorkerProcess(WorkerJob.For(_part, _settings, device, share), what => Hear(number, device, what));
        var end = worker.Wait(_settings.MemoryLimitBytes, _settings.Silence, _stop.Token);
        switch (end.LastWord?.Kind)
        {
            case WorkerEventKind.Done:
                return null;
            case WorkerEventKind.Stopped:
                _stop.Cancel(); // a signal that went to it alone
                return null;
            default:
                end.ThrowWhatItSays();
                return _stop.IsCancellationRequested ? null : end;
        }
    }

    private void Hear(int number, string device, WorkerEvent what)
    {
        _board.Hear(number, device, what);
        if (what.Kind == WorkerEventKind.Started)
            _presence.Begin();
    }

    /// <summary>A worker has died: what it was at is tried again, each alone; what was alone with it has failed.</summary>
    /// <returns>The runs to be tried alone.</returns>
    private IReadOnlyList<string> Bury(string device, int number, WorkerEnd end, IReadOnlyList<RunRecord> atWork, IReadOnlyList<string> alone, ref int deaths)
    {
        if (atWork.Count == 0)
        {
            if (!_board.IsOpen && deaths > 0)
                throw new InputException($"nothing has been started: the process that reads the data and tries the sweep {end.How}");
            if (++deaths == MostDeaths)
                throw new StorageException($"The sweep has stopped: {deaths} times in a row, a worker on {device} {end.How}. What was finished is kept, and the same command goes on from there.");
            _observer.Message($"a worker on {device} {end.How}; another one takes its place");
            return alone;
        }

        deaths = 0;
        if (alone.Count > 0)
        {
            foreach (var record in atWork.Where(record => _claims.Latest(record.Id)?.Holder == _me.Token)) // else another process has it by now
                _board.Fail(record with { Failure = $"the process that ran it {end.How}" }, end.LastLines);
            return [.. alone.Where(id => !_store.IsOver(id))];
        }

        _observer.Message($"a worker on {device} {end.How}; {(atWork.Count == 1 ? "the run that it was at is tried again" : $"the {atWork.Count} runs that it was at are tried again, each alone")}");
        return _runs.Give(number, [.. atWork.Select(record => record.Id)]);
    }

    /// <summary>A share in the runs that can be begun now; null where there are none.</summary>
    private Share? Choose(int number)
    {
        if (!_board.IsOpen)
            return Mine();
        if (_runs.Choose(number, _board.Unattended()) is { } taken)
            return Mine() with { Given = taken };
        Wait();
        return null;
    }

    private Share Mine() => new(_me)
    {
        Silence = _settings.Silence,
        Joins = _board.IsOpen,
        Asked = _board.MostOfNextRound == 0 ? null : [.. _board.Asked.Select(run => run.Id)],
    };

    private void Wait()
    {
        _leaves = _settings.Leaves && _runs.NobodyWorks && !NextRoundMayNeedMe();
        if (_waits || _leaves || !_runs.NobodyWorks || _board.AllOver)
            return;
        _waits = true;
        _observer.Message($"waiting for {(_board.Unattended() is [_] ? "a run that another is" : $"{_board.Unattended().Count} runs that others are")} making; Ctrl-C leaves them to it");
    }

    /// <summary>Whether those before me, by name, are too few for as many runs as a round of seeds has.</summary>
    private bool NextRoundMayNeedMe()
    {
        var before = _claims.Signs().Select(sign => sign.Holder.Token).Count(token => string.CompareOrdinal(token, _me.Token) < 0 && !_claims.IsDead(token));
        return before * _settings.Devices.Count * _settings.Parallel < _board.MostOfNextRound;
    }
}
