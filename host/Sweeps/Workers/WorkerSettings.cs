using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Sweeps.Reading;

namespace KdMtlBench.Host.Sweeps.Workers;

/// <summary>Which workers make a sweep, and how; nothing here changes a result.</summary>
/// <param name="Devices">A worker each: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>auto</c>.</param>
/// <param name="Parallel">Runs at once in each.</param>
public sealed record WorkerSettings(IReadOnlyList<string> Devices, int Parallel)
{
    /// <summary>Folder of data sets.</summary>
    public string? Data { get; init; }

    /// <summary>More folders of plugin folders, separated as in PATH.</summary>
    public string? Plugins { get; init; }

    /// <summary>Run again what is finished already.</summary>
    public bool Fresh { get; init; }

    /// <summary>A run that is silent for longer hangs and is given up.</summary>
    public TimeSpan StepLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the tasks' gradients are looked at after every epoch.</summary>
    public bool Conflict { get; init; }

    /// <summary>Whether the runs' curves are also written for TensorBoard.</summary>
    public bool TensorBoard { get; init; }

    /// <summary>What the command line has put into the sweep file.</summary>
    public SweepOverrides Overrides { get; init; } = SweepOverrides.None;

    /// <summary>Resident memory that a worker may have, in bytes; null for any.</summary>
    public long? MemoryLimitBytes { get; init; }

    /// <summary>Whether to leave when there is nothing to begin, while others are at the rest.</summary>
    public bool Leaves { get; init; }

    /// <summary>A process that has given no sign of life for longer is taken for dead.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(3);
}

/// <summary>Which runs of a sweep file are made.</summary>
/// <param name="Whole">The sweep as it was read, with the settings to be tuned open, its folder and its runs.</param>
/// <param name="Round">From 0: rounds of trials first, then what follows from them.</param>
internal sealed record SweepPart(Sweep Whole, int Round);
