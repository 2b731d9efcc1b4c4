using System.Globalization;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance;

/// <summary>What memory holds in the course of many steps: resident in MiB, on the GPU in MiB, and how many tensors there are.</summary>
internal static class StepMemory
{
    /// <summary>From the first look to the last: runs of 10,000 steps grew to 1.022 (docs/performance.md).</summary>
    private const double MostGrowth = 1.05;

    private static readonly int[] _looks = [100, 500, 1000];

    /// <param name="title">Benchmark and model.</param>
    /// <param name="runs">Of one benchmark and model.</param>
    /// <param name="benchmark">Theirs.</param>
    /// <param name="data">Loaded, on <paramref name="device"/>.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="steps">Of each run.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public static FigureTable Measure(
        string title, IReadOnlyList<RunSpec> runs, IBenchmark benchmark, BenchmarkData data, Device device, int steps,
            CancellationToken cancellation)
    {
        set_num_threads(runs[0].Training.Threads);
        int[] looks = [.. _looks.Where(look => look < steps), steps];
        var rows = new List<(string, IReadOnlyList<double>)>();
        foreach (var spec in runs)
        {
            using var scope = NewDisposeScope();
            using var run = new TimedRun(spec, benchmark, data, device);
            var seen = new List<(double Resident, double Gpu, double Tensors)>();
            for (var done = 0; seen.Count < looks.Length; done++)
            {
                cancellation.ThrowIfCancellationRequested();
                run.Time(1);
                if (done + 1 == looks[seen.Count])
                    seen.Add(Look(device));
            }

            rows.Add((run.Label,
            [
                .. seen.Select(look => look.Resident), .. seen.Select(look => look.Gpu), .. seen.Select(look => look.Tensors),
                seen[^1].Resident / seen[0].Resident,
            ]));
        }

        return new FigureTable(title, Columns(looks), rows) { Format = "0.###" };
    }

    private static (double Resident, double Gpu, double Tensors) Look(Device device) => (
        PeakMemory.ResidentMebibytes(),
        device.type == DeviceType.CUDA ? NvidiaSmi.UsedMebibytes() : double.NaN,
        DisposeScopeManager.Statistics.ThreadTotalLiveCount);

    /// <summary>Whether more is resident at the end than what the first steps leave open.</summary>
    public static bool Grows(FigureTable table) => table.Rows.Any(row => row.Numbers[^1] > MostGrowth);

    private static IReadOnlyList<string> Columns(IReadOnlyList<int> looks) =>
    [
        "strategy",
        .. new[] { "MiB", "GPU MiB", "tensors" }.SelectMany(what => looks.Select(look => string.Create(CultureInfo.InvariantCulture,
            $"{what} after {look}"))),
        "last to first MiB",
    ];
}
