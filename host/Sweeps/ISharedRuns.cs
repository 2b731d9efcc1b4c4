namespace KdMtlBench.Host.Sweeps;

/// <summary>Runs that other processes may make, too.</summary>
internal interface ISharedRuns
{
    /// <summary>How long to wait, with nothing to do, for runs that others make.</summary>
    TimeSpan Patience { get; }

    /// <summary>Makes the run this process's own; false where it is another's.</summary>
    bool TryTake(string run);

    /// <summary>The runs that are somebody's.</summary>
    IReadOnlySet<string> Taken();

    /// <summary>Whether the run has its record.</summary>
    bool IsOver(string run);
}
