using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps;

/// <summary>Hands runs to several workers, in order, but for a run whose teachers are still to come: others go ahead of it.</summary>
/// <param name="runs">In order.</param>
/// <param name="teachers">The ids of the runs that have to be over before a run may start; these themselves wait for none.</param>
internal sealed class RunQueue(IReadOnlyList<RunSpec> runs, Func<RunSpec, IEnumerable<string>> teachers)
{
    private readonly object _gate = new();
    private readonly List<(RunSpec Run, IReadOnlyList<string> Teachers)> _waiting = [.. runs.Select(run => (run, (IReadOnlyList<string>)[.. teachers(run)]))];
    private readonly HashSet<string> _unfinished = [.. runs.Select(run => run.Id)];

    /// <summary>The next run that can start, waiting for one where need be; null when there is none left.</summary>
    public RunSpec? Take()
    {
        lock (_gate)
        {
            while (_waiting.Count > 0)
            {
                var next = _waiting.FindIndex(entry => !entry.Teachers.Any(_unfinished.Contains));
                if (next >= 0)
                {
                    var run = _waiting[next].Run;
                    _waiting.RemoveAt(next);
                    return run;
                }

                Monitor.Wait(_gate);
            }

            return null;
        }
    }

    /// <summary>A run that was taken is over, well or badly.</summary>
    public void Finish(RunSpec run)
    {
        lock (_gate)
        {
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
}
