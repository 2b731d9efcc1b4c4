using System.Diagnostics;

namespace KdMtlBench.Host.Views;

/// <summary>Time to the end of a sweep, from the epochs done so far.</summary>
internal sealed class TimeLeft(long epochs)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private long _epochs = epochs;
    private long _done;

    public TimeSpan Elapsed => _watch.Elapsed;

    public void EpochsDone(long count) => _done += count;

    /// <summary>Epochs that an earlier process has made: they take no time.</summary>
    public void Skip(long count) => _epochs -= count;

    /// <summary><c>1:05 left</c>, or nothing before the first epoch.</summary>
    public string Left()
    {
        if (_done == 0)
            return "";
        var left = _watch.Elapsed * ((double)(_epochs - _done) / _done);
        return Text(left) + " left";
    }

    /// <summary><c>1:05</c> or <c>2:01:05</c>.</summary>
    public static string Text(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time:mm\\:ss}" : $"{(int)time.TotalMinutes}:{time:ss}";
}
