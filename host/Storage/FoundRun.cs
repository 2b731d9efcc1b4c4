using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Storage;

/// <summary>A finished run that need not be made again.</summary>
/// <param name="Record">What it left.</param>
/// <param name="Folder">Where its files are.</param>
/// <param name="Network">The file of the network it ended with, where that was kept.</param>
/// <param name="Output">The output folder that holds it.</param>
internal sealed record FoundRun(RunRecord Record, string Folder, string Network, string Output)
{
    /// <summary>Whether it is not in the leaderboard of the folder that holds it.</summary>
    public bool IsPooled => Path.GetDirectoryName(Folder) == RunPool.FolderIn(Output);
}
