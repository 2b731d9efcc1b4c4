using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance.Peers;

/// <summary>One strategy here and in PyTorch.</summary>
/// <param name="Strategy">Its label.</param>
/// <param name="Here">Milliseconds a step, in float32.</param>
/// <param name="Bf16">Milliseconds a step with <see cref="Precision.Bf16"/>.</param>
/// <param name="PyTorch">In PyTorch's default layout.</param>
/// <param name="ChannelsLast">In PyTorch's other layout.</param>
/// <param name="Ratio">Here to PyTorch, within rounds.</param>
/// <param name="ChannelsLastRatio">Here to PyTorch channels-last, within rounds.</param>
/// <param name="Bf16Ratio">Here with bf16 to PyTorch, within rounds.</param>
/// <param name="PyTorchBf16">Milliseconds a step in PyTorch with autocast to bfloat16 and channels last.</param>
/// <param name="Bf16ToBf16">Here with bf16 to that, within rounds.</param>
/// <param name="LossDifference">See <see cref="PeerSetting.Difference(RunSpec, IReadOnlyList{IReadOnlyList{double}})"/>.</param>
internal sealed record PeerTime(
    string Strategy, Spread Here, Spread Bf16, Spread PyTorch, Spread ChannelsLast, Spread Ratio, Spread ChannelsLastRatio,
        Spread Bf16Ratio,
    Spread PyTorchBf16, Spread Bf16ToBf16, double LossDifference);

/// <summary>Times the same steps here and in PyTorch, in turns.</summary>
/// <remarks>A step here also makes its batch from the stored bytes; PyTorch has its batches ready.</remarks>
internal static class PeerTimes
{
    private const string Default = "default";
    private const string ChannelsLast = "channels-last";
    private const string Bf16 = "bf16";
    private const int WarmUpSteps = 5;

    /// <param name="setting">What both sides train.</param>
    /// <param name="spec">By which strategy.</param>
    /// <param name="lossDifference">As found before.</param>
    /// <param name="rounds">How often everyone has a turn.</param>
    /// <param name="steps">Steps in a turn; their median counts.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public static PeerTime Measure(PeerSetting setting, RunSpec spec, double lossDifference, int rounds, int steps, CancellationToken cancellation)
    {
        set_num_threads(spec.Training.Threads);
        using var scope = NewDisposeScope();
        var id = spec.Strategies[0].Entry.Id;
        using var here = new TimedRun(spec, setting.Benchmark, setting.Data, setting.Device);
        using var half = new TimedRun(spec with { Training = spec.Training with { Precision = Precision.Bf16 } }, setting.Benchmark, setting.Data, setting.Device);
        Func<int, double>[] times =
        [
            here.Time, n => setting.Peer.Time(id, Default, n), n => setting.Peer.Time(id, ChannelsLast, n), half.Time, n =>
                setting.Peer.Time(id, Bf16, n),
        ];
        foreach (var time in times)
            time(WarmUpSteps);
        var medians = Enumerable.Range(0, rounds).Select(_ => times.Select(time =>
        {
            cancellation.ThrowIfCancellationRequested();
            return time(steps);
        }).ToArray()).ToList();
        return new PeerTime(
            spec.StrategyLabel, Of(m => m[0]), Of(m => m[3]), Of(m => m[1]), Of(m => m[2]), Of(m => m[0] / m[1]), Of(m => m[0] / m[2]),
                Of(m => m[3] / m[1]),
            Of(m => m[4]), Of(m => m[3] / m[4]), lossDifference);

        Spread Of(Func<double[], double> value) => Spread.Of([.. medians.Select(value)]);
    }
}
