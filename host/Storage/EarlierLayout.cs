using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Storage;

/// <summary>Until 0.1.0 a sweep wrote into the folder of its sweep file, and moved runs that it no longer named to <c>superseded/</c>.</summary>
internal static class EarlierLayout
{
    private static readonly string[] _written = ["runs", "teachers", SweepFolders.Tuning, "figures", "tuning.csv", "leaderboard.csv", "leaderboard.md", "report.html", ".unfinished"];

    /// <summary>Moves what such a sweep has written into its output folder; nothing where there is nothing, or something there already.</summary>
    /// <param name="sweepFile">Any sweep file.</param>
    /// <param name="tell">Told what was moved.</param>
    /// <exception cref="InputException">A process is running the sweep, or the folder cannot be written to.</exception>
    public static void Upgrade(string sweepFile, Action<string> tell)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(sweepFile))!;
        var output = SweepFolders.OutputOf(sweepFile);
        if (Path.GetFileName(sweepFile) != SweepFolders.SweepFile || !Directory.Exists(Path.Combine(folder, "runs")) || Directory.Exists(Path.Combine(output, "runs")))
            return;
        using (SweepLock.Take(folder, tell))
        {
            Directory.CreateDirectory(output);
            foreach (var name in _written)
                Move(Path.Combine(folder, name), Path.Combine(output, name));
            var superseded = Path.Combine(folder, "superseded");
            if (Directory.Exists(superseded))
                Pool(superseded, output);
        }

        File.Delete(Path.Combine(folder, SweepLock.LockFile));
        tell($"{folder}: runs and leaderboard have moved to {output}, where this version keeps them");
    }

    private static void Move(string from, string to)
    {
        if (Path.Exists(from) && !Path.Exists(to))
            Directory.Move(from, to); // files, too
    }

    private static void Pool(string superseded, string output)
    {
        foreach (var run in Directory.GetDirectories(superseded))
        {
            if (RunStore.RecordIn(run) is not { } record)
                continue;
            var pooled = Path.Combine(RunPool.FolderIn(output), RunHash.Of(record));
            Directory.CreateDirectory(Path.GetDirectoryName(pooled)!);
            if (!Directory.Exists(pooled))
                Directory.Move(run, pooled);
        }
    }
}
