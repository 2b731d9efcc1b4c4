namespace KdMtlBench.Host.Storage.Sharing;

/// <summary>Gives a process's signs of life in an output folder, until it leaves.</summary>
internal sealed class Presence : IDisposable
{
    private const int SignsInSilence = 12;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly string _output;
    private readonly ClaimFolder _claims;
    private readonly Holder _holder;
    private readonly Func<IReadOnlyList<RunAtWork>> _underWay;
    private readonly Timer _timer;
    private bool _left;

    public Presence(string output, ClaimFolder claims, Holder holder, Func<IReadOnlyList<RunAtWork>> underWay)
    {
        (_output, _claims, _holder, _underWay) = (output, claims, holder, underWay);
        _timer = new Timer(_ => Tell());
    }

    /// <summary>From now on.</summary>
    public void Begin()
    {
        var period = _claims.Silence / SignsInSilence;
        _timer.Change(TimeSpan.Zero, period);
    }

    /// <summary>Leaves; the last to do so takes the folder of claims away.</summary>
    public void Dispose()
    {
        lock (_gate)
            _left = true;
        _timer.Dispose();
        try
        {
            if (!_claims.Exists)
                return;
            _claims.Leave(_holder);
            using var alone = SweepLock.Take(_output, _ => { }, _patience);
            if (_claims.Signs().All(sign => _claims.IsDead(sign.Holder.Token)))
                _claims.Clear();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InputException)
        {
            // a folder that cannot be written to any more; this process's end is seen by others in time
        }
    }

    private void Tell()
    {
        lock (_gate)
        {
            try
            {
                if (!_left && _claims.Session is not null)
                    _claims.Tell(new SignOfLife(_holder, _underWay()));
            }
#pragma warning disable CA1031 // on a timer's thread it would end the process
            catch (Exception)
#pragma warning restore CA1031
            {
                // the next one may succeed; who is silent for too long loses its runs, and notices
            }
        }
    }
}
