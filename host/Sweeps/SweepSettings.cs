using static TorchSharp.torch;

namespace KdMtlBench.Host.Sweeps;

/// <summary>How a sweep is run; nothing here changes a result.</summary>
/// <param name="DataRoot">Folder of data sets, or null.</param>
/// <param name="Device">Where networks and data are.</param>
/// <param name="Parallel">Runs at once.</param>
/// <param name="Fresh">Run again what is finished already.</param>
public sealed record SweepSettings(string? DataRoot, Device Device, int Parallel, bool Fresh)
{
    /// <summary>Processes that make runs on this machine.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>A run that is silent for longer hangs and is given up.</summary>
    public TimeSpan StepLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the tasks' gradients are looked at after every epoch.</summary>
    public bool Conflict { get; init; }

    /// <summary>Whether the runs' curves are also written for TensorBoard.</summary>
    public bool TensorBoard { get; init; }
}
