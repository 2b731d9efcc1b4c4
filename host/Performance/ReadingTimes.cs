using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using MathNet.Numerics.Statistics;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance;

/// <summary>What a step takes when its losses are read after each, and when nothing is.</summary>
/// <remarks>A GPU works on what the processor has queued. A step that copies something to the processor ends the queue: then the time until
/// all is queued is that until all is finished, and reading the losses costs nothing more. On a processor there is no queue.</remarks>
internal static class ReadingTimes
{
    private const int WarmUpSteps = 5;

    private static readonly string[] _columns =
        ["strategy", "ms a step", "ms until queued", "queued to finished", "ms with losses read", "read to not read"];

    /// <inheritdoc cref="StepTimes.Measure" />
    public static FigureTable Measure(
        string title, IReadOnlyList<RunSpec> runs, IBenchmark benchmark, BenchmarkData data, Device device, int rounds, int steps,
            CancellationToken cancellation)
    {
        set_num_threads(runs[0].Training.Threads);
        using var scope = NewDisposeScope();
        var rows = new List<(string, IReadOnlyList<double>)>();
        foreach (var spec in runs)
        {
            using var run = new TimedRun(spec, benchmark, data, device);
            run.Time(WarmUpSteps);
            var turns = Enumerable.Range(0, rounds).Select(_ =>
            {
                cancellation.ThrowIfCancellationRequested();
                return (Unread: run.TimeTogether(steps, read: false), Read: run.TimeTogether(steps, read: true));
            }).ToList();
            rows.Add((run.Label,
            [
                turns.Select(turn => turn.Unread.Finished).Median(),
                turns.Select(turn => turn.Unread.Queued).Median(),
                turns.Select(turn => turn.Unread.Queued / turn.Unread.Finished).Median(),
                turns.Select(turn => turn.Read.Finished).Median(),
                turns.Select(turn => turn.Read.Finished / turn.Unread.Finished).Median(),
            ]));
        }

        return new FigureTable(title, _columns, rows) { Format = "0.000" };
    }
}
