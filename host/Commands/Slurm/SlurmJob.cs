namespace KdMtlBench.Host.Commands.Slurm;

/// <summary>What a sweep asks of Slurm; null leaves the matter to the cluster.</summary>
/// <param name="Name">Of the sweep.</param>
/// <param name="Folder">Where scripts and logs go.</param>
/// <param name="WorkingFolder">Where the jobs start.</param>
internal sealed record SlurmJob(string Name, string Folder, string WorkingFolder)
{
    /// <summary>Tasks of the array.</summary>
    public int Workers { get; init; } = 1;

    public string? Partition { get; init; }

    public string? Time { get; init; }

    /// <summary>Of each task.</summary>
    public string? Gpus { get; init; }

    /// <summary>Of each task.</summary>
    public int? Cpus { get; init; }

    /// <summary>Of each task.</summary>
    public string? Memory { get; init; }

    /// <summary>What starts a command in a container, as <c>apptainer exec --nv image.sif</c>; empty for none.</summary>
    public string Container { get; init; } = "";

    /// <summary>Anything else, as <c>--account=vision</c>.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Before the time limit, in which workers come to an end and are put back into the queue.</summary>
    public int WarningSeconds { get; init; } = 120;
}
