using System.Diagnostics;

namespace KdMtlBench.Host.Training.Networks;

/// <summary>Lets the runs of a process do one after the other what needs kernels that are not made yet.</summary>
/// <remarks>oneDNN (3.7, in libtorch 2.10) makes a kernel when a shape of convolution is first met. Where two threads do so at once,
/// a backward pass may follow a null pointer, which ends the process: seen in 10 of 20 sweeps of small runs, two at a time, on an
/// AMD EPYC (Zen 5), and in none of 60 where first uses waited for one another.</remarks>
/// <param name="patience">How long another run is waited for; whoever takes longer is taken to hang.</param>
internal sealed class FirstUse(TimeSpan patience)
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(0.1);
    private static object s_gate = new();

    private readonly HashSet<(string Work, long Images)> _known = [];

    /// <summary>Does something, alone where this run does it for the first time.</summary>
    /// <param name="work">Names the shapes, with <paramref name="images"/>.</param>
    /// <param name="images">Of the batch.</param>
    /// <param name="heartbeat">Beats while another run is waited for.</param>
    /// <param name="action">What to do.</param>
    public void Of(string work, long images, Heartbeat? heartbeat, Action action)
    {
        var gate = Volatile.Read(ref s_gate);
        if (!_known.Add((work, images)) || !Enter(gate, heartbeat))
        {
            action();
            return;
        }

        try
        {
            action();
        }
        finally
        {
            Monitor.Exit(gate);
        }
    }

    private bool Enter(object gate, Heartbeat? heartbeat)
    {
        var wait = Stopwatch.StartNew();
        while (wait.Elapsed < patience)
        {
            if (Monitor.TryEnter(gate, _look))
                return true;
            heartbeat?.Beat();
        }

        // Whoever is in there hangs. It keeps the old gate; nobody waits for it any more.
        Interlocked.CompareExchange(ref s_gate, new object(), gate);
        return false;
    }
}
