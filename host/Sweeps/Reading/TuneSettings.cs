using KdMtlBench.Host.Options;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>What the key <c>tune</c> of a sweep asks for.</summary>
/// <param name="Strategies">Compositions with the settings that are to be tried.</param>
/// <param name="SingleTask">Training options of the single-task runs that are to be tried, of every task by itself; null where they are not tuned.</param>
internal sealed record TuneSettings(IReadOnlyList<TuneTrials<IReadOnlyList<Component>>> Strategies, TuneTrials<BoundOptions>? SingleTask)
{
    public static TuneSettings None { get; } = new([], null);
}

/// <summary>The settings that are to be tried of one thing.</summary>
/// <param name="Tuning">How.</param>
/// <param name="Trials">The settings; empty where something is wrong, which has been noted.</param>
/// <param name="Place">In the file.</param>
internal sealed record TuneTrials<T>(Tuning Tuning, IReadOnlyList<T> Trials, Place Place);
