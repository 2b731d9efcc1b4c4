using KdMtlBench.Host.Storage.Sharing;

namespace KdMtlBench.Host.Sweeps;

/// <summary>A process's part in a sweep.</summary>
/// <param name="Holder">In whose name it takes runs.</param>
public sealed record Share(Holder Holder)
{
    /// <summary>What has given no sign of life for longer is taken for dead.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Whether the holder has a part in the sweep already: it is begun, and was checked.</summary>
    public bool Joins { get; init; }

    /// <summary>Whether strategies are not initialised on trial, since one of them has ended a process that did.</summary>
    public bool SkipsTrial { get; init; }

    /// <summary>Ids of the runs that are asked for by now; null for all.</summary>
    public IReadOnlyList<string>? Asked { get; init; }

    /// <summary>Ids of runs that the holder has taken already, for this process to make first.</summary>
    public IReadOnlyList<string> Given { get; init; } = [];

    /// <summary>Whether these are all.</summary>
    public bool GivenOnly { get; init; }
}
