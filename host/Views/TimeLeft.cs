namespace KdMtlBench.Host.Views;

/// <summary>Time to the end of a sweep, from the epochs done so far.</summary>
internal sealed class TimeLeft(double epochs, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private double _skipped;

    /// <summary>Epochs that take no time: an earlier process has made them, or a failed run does not make them.</summary>
    public void Skip(double count) => _skipped += count;

    /// <summary><c>1:05 left</c>, or nothing where nothing has been done yet.</summary>
    /// <param name="done">Epochs, those that were skipped among them.</param>
    public string Left(double done)
    {
        var made = done - _skipped;
        return made <= 0 ? "" : Text(time.GetElapsedTime(_start) * ((epochs - done) / made)) + " left";
    }

    /// <summary><c>1:05</c> or <c>2:01:05</c>.</summary>
    public static string Text(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time:mm\\:ss}" : $"{(int)time.TotalMinutes}:{time:ss}";
}
