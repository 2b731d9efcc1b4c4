using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Storage.Sharing;
using KdMtlBench.Host.Training.Distillation;

namespace KdMtlBench.Host.Sweeps.Workers;

/// <summary>Finds out whether another worker would have something to do, and keeps what is one worker's from the others.</summary>
/// <param name="claims">Whose runs are.</param>
/// <param name="store">Where records are.</param>
/// <param name="me">In whose name runs of dead processes are taken over.</param>
/// <param name="most">Runs to take over at once.</param>
/// <param name="finished">Told of runs that others have made.</param>
internal sealed class RunsToBegin(ClaimFolder claims, RunStore store, Holder me, int most, Action<string> finished)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _given = new(StringComparer.Ordinal);
    private int _working;

    /// <summary>Whether there is no worker here that could just have taken a run.</summary>
    public bool NobodyWorks
    {
        get
        {
            lock (_gate)
                return _working == 0;
        }
    }

    /// <summary>A worker starts.</summary>
    public void Begin()
    {
        lock (_gate)
            _working++;
    }

    /// <summary>A worker has ended.</summary>
    /// <param name="worker">Its number.</param>
    /// <param name="kept">Of the runs that were given to it, those that its successor has.</param>
    public void Leave(int worker, IReadOnlyList<string> kept)
    {
        lock (_gate)
        {
            _working--;
            foreach (var (id, _) in _given.Where(run => run.Value == worker && !kept.Contains(run.Key)).ToList())
                _given.Remove(id);
        }
    }

    /// <summary>Runs that no other worker here may have.</summary>
    public IReadOnlyList<string> Give(int worker, IReadOnlyList<string> runs)
    {
        lock (_gate)
        {
            foreach (var id in runs)
                _given[id] = worker;
        }

        return runs;
    }

    /// <param name="worker">Who asks.</param>
    /// <param name="unattended">The runs that no worker here is at.</param>
    /// <returns>The runs that were taken over for it, none where others are free; null where there is nothing to begin.</returns>
    public IReadOnlyList<string>? Choose(int worker, IReadOnlyList<RunSpec> unattended)
    {
        lock (_gate)
        {
            var taken = new List<string>();
            foreach (var run in unattended.Where(run => !_given.ContainsKey(run.Id)))
            {
                if (store.IsOver(run.Id))
                    finished(run.Id);
                else if (claims.Latest(run.Id) is not { } claim)
                {
                    if (Teachers.IdsFor(run).All(store.IsOver))
                        return Give(worker, taken);
                }
                else if (taken.Count < most && TakeOver(claim))
                    taken.Add(run.Id);
            }

            return taken.Count == 0 ? null : Give(worker, taken);
        }
    }

    /// <summary>Whether a run is ours and none of our workers can have it, or was a dead process's and is ours now.</summary>
    private bool TakeOver(Claim claim) => claim.Holder == me.Token
        ? _working == 0
        : claims.IsDead(claim.Holder) && claims.TryTake(claim.Run, claim.Generation + 1, me) is not null;
}
