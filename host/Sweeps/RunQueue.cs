using System.Diagnostics;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Hands runs to several threads, in order, but for a run whose teachers are still to come: others go ahead of it.</summary>
/// <param name="runs">In order.</param>
/// <param name="teachers">The ids of the runs that have to be over before a run may start; these themselves wait for none.</param>
/// <param name="shared">What other processes have to do with the runs; null where there are none.</param>
internal sealed class RunQueue(IReadOnlyList<RunSpec> runs, Func<RunSpec, IEnumerable<string>> teachers, ISharedRuns? shared = null)
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly List<(RunSpec Run, IReadOnlyList<string> Teachers)> _waiting = [.. runs.Select(run => (run, (IReadOnlyList<string>)[.. teachers(run)]))];
    private readonly HashSet<string> _unfinished = [.. runs.Select(run => run.Id)];
    private readonly HashSet<string> _elsewhere = new(StringComparer.Ordinal);
    private int _underWay;

    /// <summary>The next run that can start, waiting for one where need be; null when there is none left for this process.</summary>
    public RunSpec? Take()
    {
        lock (_gate)
        {
            var idle = Stopwatch.StartNew();
            while (_waiting.Count > 0)
            {
                if (TakeNow() is { } run)
                    return run;
                if (_waiting.Count == 0 || (_underWay == 0 && idle.Elapsed > (shared?.Patience ?? TimeSpan.MaxValue)))
                    break;
                Monitor.Wait(_gate, _elsewhere.Count > 0 ? _look : Timeout.InfiniteTimeSpan);
                foreach (var teacher in _waiting.SelectMany(entry => entry.Teachers).Where(_elsewhere.Contains).Distinct().Where(id => shared!.IsOver(id)).ToList())
                    _unfinished.Remove(teacher);
            }

            return null;
        }
    }

    /// <summary>A run that was taken is another process's now.</summary>
    public void Lose(RunSpec run)
    {
        lock (_gate)
        {
            _underWay--;
            _elsewhere.Add(run.Id);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>A run that was taken is over, well or badly.</summary>
    public void Finish(RunSpec run)
    {
        lock (_gate)
        {
            _underWay--;
            _unfinished.Remove(run.Id);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>No further run starts.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _waiting.Clear();
            Monitor.PulseAll(_gate);
        }
    }

    private RunSpec? TakeNow()
    {
        while (_waiting.FindIndex(entry => !entry.Teachers.Any(_unfinished.Contains)) is >= 0 and var next)
        {
            var run = _waiting[next].Run;
            _waiting.RemoveAt(next);
            if (shared?.TryTake(run.Id) != false)
            {
                _underWay++;
                return run;
            }

            _elsewhere.Add(run.Id);
            var taken = shared.Taken();
            _elsewhere.UnionWith(_waiting.Select(entry => entry.Run.Id).Where(taken.Contains));
            _waiting.RemoveAll(entry => taken.Contains(entry.Run.Id));
        }

        return null;
    }
}
