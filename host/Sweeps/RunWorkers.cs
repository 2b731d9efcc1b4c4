using System.Collections.Concurrent;
using System.Globalization;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Checks;
using KdMtlBench.Host.Training;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Threads that make runs, one each at a time.</summary>
/// <remarks>No thread can be stopped from outside: one whose run hangs is left alone with it, another takes its place, and
/// it ends with the process. They are threads of their own, since libtorch's thread count belongs to the thread that asks for it.</remarks>
internal sealed class RunWorkers(
    RunQueue queue, RunExecutor executor, LoadedBenchmarks benchmarks, ISweepObserver observer, TimeSpan stepLimit, CancellationToken cancellation) : IDisposable
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(0.5);

    /// <summary>Granted to a step that is under way when the sweep is stopped.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    private readonly ConcurrentBag<RunRecord> _made = [];
    private readonly List<(RunSpec Run, Heartbeat Heartbeat)> _underWay = [];
    private readonly HashSet<RunSpec> _lost = [];
    private int _working;
    private Exception? _failure;

    /// <summary>Told of each run's record as it would be if the process ended.</summary>
    public Action<RunRecord> Beginning { get; init; } = _ => { };

    /// <summary>Whether some thread may still be at a run: what it uses must stay.</summary>
    public bool SomeHang { get; private set; }

    /// <summary>Makes all runs of the queue.</summary>
    /// <returns>The records; fewer than runs where the sweep was stopped.</returns>
    /// <exception cref="StorageException">Records cannot be written.</exception>
    public IReadOnlyCollection<RunRecord> Make(int count)
    {
        lock (_gate)
        {
            for (var i = 0; i < count; i++)
                Start();
            while (_working > 0)
            {
                Monitor.Wait(_gate, _look);
                foreach (var (run, heartbeat) in _underWay.ToList())
                    if (heartbeat.GiveUp(_stop.IsCancellationRequested && _grace < stepLimit ? _grace : stepLimit) is { } since)
                        Replace(run, heartbeat, since);
            }
        }

        return _failure switch
        {
            null => _made,
            IOException or UnauthorizedAccessException => throw new StorageException(
                $"{_failure.Message}\nThe sweep has stopped. What was finished is kept, and once this is mended the same command goes on from there.", _failure),
            _ => throw new InvalidOperationException(_failure.Message, _failure),
        };
    }

    public void Dispose() => _stop.Dispose();

    private void Start()
    {
        _working++;
        new Thread(WorkOrStop) { Name = "run", IsBackground = true }.Start();
    }

    private void WorkOrStop()
    {
        try
        {
            Work();
        }
        catch (IOException e) // no run can be taken
        {
            StopFor(e);
            Leave();
        }
    }

    private void Work()
    {
        while (!_stop.IsCancellationRequested && queue.Take() is { } run)
        {
            var heartbeat = new Heartbeat(_stop.Token);
            lock (_gate)
                _underWay.Add((run, heartbeat));
            var record = Make(run, heartbeat);
            lock (_gate)
            {
                if (!_underWay.Remove((run, heartbeat)))
                    return; // given up: the run has its record, and another thread this one's place
                heartbeat.Dispose();
                Finish(run, record);
            }
        }

        Leave();
    }

    private RunRecord? Make(RunSpec run, Heartbeat heartbeat)
    {
        try
        {
            var (benchmark, data) = benchmarks.Of(run);
            var stepsPerEpoch = run.Training.StepsPerEpoch(data.Train.Count);
            Beginning(executor.Unfinished(run, benchmark, data));
            observer.RunStarted(run, () => (double)heartbeat.Steps / stepsPerEpoch);
            return executor.Execute(run, benchmark, data, observer, heartbeat);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
#pragma warning disable CA1031 // thrown again where the runs were asked for
        catch (Exception e)
#pragma warning restore CA1031
        {
            Note(run, e);
            return null;
        }
    }

    private void Replace(RunSpec run, Heartbeat heartbeat, string since)
    {
        SomeHang = true;
        _underWay.Remove((run, heartbeat));
        var record = _stop.IsCancellationRequested ? null : GiveUp(run, since);
        Finish(run, record);
        Start();
        Leave();
    }

    private RunRecord? GiveUp(RunSpec run, string since)
    {
        try
        {
            var (benchmark, data) = benchmarks.Of(run);
            var seconds = stepLimit.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            return executor.GiveUp(run, benchmark, data, $"it hangs: nothing has happened for {seconds} s (--step-limit-seconds) {since}");
        }
        catch (Exception e) when (e is IOException or RunLostException)
        {
            Note(run, e);
            return null;
        }
    }

    /// <summary>A run that is another process's now leaves the others as they are; whatever else it is ends all.</summary>
    private void Note(RunSpec run, Exception e)
    {
        if (e is not RunLostException)
        {
            StopFor(e);
            return;
        }

        lock (_gate)
            _lost.Add(run);
        observer.Message(e.Message);
    }

    private void Finish(RunSpec run, RunRecord? record)
    {
        if (_lost.Contains(run))
        {
            queue.Lose(run);
            return;
        }

        if (record is null)
        {
            queue.Close();
        }
        else
        {
            _made.Add(record);
            observer.RunFinished(run, record);
        }

        queue.Finish(run);
    }

    private void StopFor(Exception e)
    {
        Interlocked.CompareExchange(ref _failure, e, null);
        _stop.Cancel();
    }

    private void Leave()
    {
        lock (_gate)
        {
            _working--;
            Monitor.Pulse(_gate);
        }
    }
}
