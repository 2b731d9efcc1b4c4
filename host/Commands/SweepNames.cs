using KdMtlBench.Host.Options;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Commands;

/// <summary>Finds the sweep that a name on the command line stands for.</summary>
internal static class SweepNames
{
    /// <summary>The sweep file that a name, a folder or a file stands for; what an earlier version has written beside it moves to where it belongs now.</summary>
    /// <param name="name">As it was typed.</param>
    /// <param name="tell">Told what was moved.</param>
    /// <exception cref="InputException">There is none; the message has the nearest name.</exception>
    public static string File(string name, Action<string> tell)
    {
        string[] candidates = [name, Path.Combine(name, SweepFolders.SweepFile), Path.Combine("results", name, SweepFolders.SweepFile), Path.Combine(name, SweepFolders.AsRun)];
        var file = candidates.FirstOrDefault(System.IO.File.Exists)
            ?? throw new InputException($"no sweep `{name}`: looked for {string.Join(", ", candidates.Take(3).Distinct())}{Suggestion(name)}");
        EarlierLayout.Upgrade(file, tell);
        return file;
    }

    /// <summary>Whether it stands for a folder of runs without a sweep file, such as one that was copied from elsewhere.</summary>
    public static bool IsFolderOfRuns(string name) =>
        Directory.Exists(Path.Combine(name, "runs")) && !System.IO.File.Exists(Path.Combine(name, SweepFolders.SweepFile)) && !System.IO.File.Exists(Path.Combine(name, SweepFolders.AsRun));

    /// <summary>The nearest folder that holds a sweep or runs, where the name says the folder should be and in results/.</summary>
    private static string Suggestion(string name)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(name));
        string?[] places = [Path.GetDirectoryName(full), Path.GetFullPath("results")];
        var known = places.OfType<string>().Where(Directory.Exists).SelectMany(Directory.GetDirectories)
            .Where(folder => System.IO.File.Exists(Path.Combine(folder, SweepFolders.SweepFile)) || Directory.Exists(Path.Combine(folder, "runs"))).Select(folder => Path.GetFileName(folder)!);
        return Wording.Suggest(Path.GetFileName(full), known.Where(folder => folder != Path.GetFileName(full)).Distinct());
    }
}
