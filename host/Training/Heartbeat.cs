using System.Diagnostics;

namespace KdMtlBench.Host.Training;

/// <summary>The signs of life of one run: what gives none for too long is given up, and learns so at its next one.</summary>
internal sealed class Heartbeat(CancellationToken sweep) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(sweep);
    private long _last = Stopwatch.GetTimestamp();
    private long _step = -1;

    /// <summary>Cancelled when the run is given up, or the sweep is stopped.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Whether the run has been silent for too long.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>Steps that are over.</summary>
    public long Steps => Math.Max(0, Volatile.Read(ref _step));

    /// <summary>The run is at work: at a step, or at whatever follows the last one.</summary>
    /// <exception cref="OperationCanceledException">It is to end without another word.</exception>
    public void Beat(long? step = null)
    {
        lock (_gate)
        {
            Stopped.ThrowIfCancellationRequested();
            _last = Stopwatch.GetTimestamp();
            _step = step ?? _step;
        }
    }

    /// <summary>Gives the run up where its last sign of life is too long ago.</summary>
    /// <param name="limit">The longest silence.</param>
    /// <returns>Since when there has been none; null where the run lives.</returns>
    public string? GiveUp(TimeSpan limit)
    {
        lock (_gate)
        {
            if (Stopwatch.GetElapsedTime(_last) < limit)
                return null;
            IsGivenUp = true;
            _stop.Cancel();
            return _step < 0 ? "before the first step" : $"since step {_step} began";
        }
    }

    public void Dispose() => _stop.Dispose();
}
