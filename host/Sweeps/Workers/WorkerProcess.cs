using System.Diagnostics;
using System.Globalization;

namespace KdMtlBench.Host.Sweeps.Workers;

/// <summary>A worker, as its supervisor sees it.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int KeptLines = 200;
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(0.25);

    /// <summary>Granted to a worker that was asked to stop; it grants its runs 10 s.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(60);

    private readonly Queue<string> _lastLines = new();
    private readonly Process _process;
    private readonly Action<WorkerEvent> _tell;
    private readonly Task _output;
    private readonly Task _error;
    private long _lastSign = Stopwatch.GetTimestamp();
    private WorkerEvent? _lastWord;

    public WorkerProcess(WorkerJob job, Action<WorkerEvent> tell)
    {
        _tell = tell;
        var start = new ProcessStartInfo(ThisProgram.Words[0], [.. ThisProgram.Words.Skip(1), "worker"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (job.Device.Split(':') is [var kind, var number])
        {
            // A worker sees its own GPU only, as number 0: nothing in it has to know of others.
            var visible = Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES")?.Split(',') ?? [];
            var index = int.Parse(number, CultureInfo.InvariantCulture);
            start.Environment["CUDA_VISIBLE_DEVICES"] = index < visible.Length ? visible[index] : number;
            job = job with { Device = kind };
        }

        _process = Process.Start(start)!;
        Ask(job.ToLine());
        _output = Task.Factory.StartNew(ReadOutput, TaskCreationOptions.LongRunning);
        _error = Task.Factory.StartNew(ReadError, TaskCreationOptions.LongRunning);
    }

    /// <summary>Waits for the worker's end, and brings it about where it takes too much or gives no sign of life.</summary>
    /// <param name="memoryLimitBytes">Resident memory; null for any.</param>
    /// <param name="silence">What is silent for longer stands still.</param>
    /// <param name="stop">Asks it to stop.</param>
    public WorkerEnd Wait(long? memoryLimitBytes, TimeSpan silence, CancellationToken stop)
    {
        string? why = null;
        Stopwatch? stopping = null;
        while (!_process.WaitForExit(_look))
        {
            if (stop.IsCancellationRequested && stopping is null)
            {
                stopping = Stopwatch.StartNew();
                Ask("stop");
            }

            if (ResidentBytes() > memoryLimitBytes)
                why ??= $"was ended, since it took more than --memory-limit {Text(memoryLimitBytes.Value)}";
            else if (Stopwatch.GetElapsedTime(Volatile.Read(ref _lastSign)) > silence)
                why ??= $"was ended, since it had given no sign of life for {silence.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s";
            if (why is not null || stopping?.Elapsed > _grace)
                _process.Kill();
        }

        Task.WaitAll(_output, _error);
        return new WorkerEnd(_lastWord, why ?? WorkerEnd.Sentence(_process.ExitCode, _lastLines), [.. _lastLines]);
    }

    public void Dispose() => _process.Dispose();

    /// <summary>4 GiB as <c>4GiB</c>.</summary>
    internal static string Text(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var unit = 0;
        while (unit + 1 < units.Length && bytes % 1024 == 0 && bytes > 0)
            (bytes, unit) = (bytes / 1024, unit + 1);
        return bytes.ToString(CultureInfo.InvariantCulture) + units[unit];
    }

    private void Ask(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // it has ended, as will be seen
        }
    }

    private void ReadOutput()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            Volatile.Write(ref _lastSign, Stopwatch.GetTimestamp());
            if (WorkerEvent.FromLine(line) is not { } what)
                Console.Error.WriteLine(line);
            else if (what.Kind >= WorkerEventKind.Done)
                _lastWord = what;
            else
                _tell(what);
        }
    }

    private void ReadError()
    {
        while (_process.StandardError.ReadLine() is { } line)
        {
            Console.Error.WriteLine(line);
            _lastLines.Enqueue(line);
            while (_lastLines.Count > KeptLines)
                _lastLines.Dequeue();
        }
    }

    private long ResidentBytes()
    {
        try
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0; // it has just ended
        }
    }
}
