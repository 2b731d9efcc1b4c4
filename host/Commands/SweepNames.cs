using KdMtlBench.Host.Options;

namespace KdMtlBench.Host.Commands;

/// <summary>Finds the sweep that a name on the command line stands for.</summary>
internal static class SweepNames
{
    /// <summary>The sweep file that a name, folder or file stands for.</summary>
    /// <exception cref="InputException">There is none; the message has the nearest name.</exception>
    public static string File(string name)
    {
        string[] candidates = [name, Path.Combine(name, "sweep.yaml"), Path.Combine("results", name, "sweep.yaml")];
        return candidates.FirstOrDefault(System.IO.File.Exists)
            ?? throw new InputException($"no sweep `{name}`: looked for {string.Join(", ", candidates)}{Suggestion(name, "sweep.yaml")}");
    }

    /// <summary>The folder with records that a name or a folder stands for.</summary>
    /// <exception cref="InputException">There is none; the message has the nearest name.</exception>
    public static string RecordsFolder(string name)
    {
        string[] candidates = [name, Path.Combine("results", name)];
        return candidates.FirstOrDefault(candidate => Directory.Exists(Path.Combine(candidate, "runs")))
            ?? throw new InputException($"no records: looked for a folder `runs` in {string.Join(" and ", candidates)}; run the sweep first{Suggestion(name, "runs")}");
    }

    /// <summary>The nearest folder that holds this, where the name says the folder should be and in results/.</summary>
    private static string Suggestion(string name, string holding)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(name));
        string?[] places = [Path.GetDirectoryName(full), Path.GetFullPath("results")];
        var known = places.OfType<string>().Where(Directory.Exists).SelectMany(Directory.GetDirectories)
            .Where(folder => Path.Exists(Path.Combine(folder, holding))).Select(folder => Path.GetFileName(folder)!);
        return Wording.Suggest(Path.GetFileName(full), known.Where(folder => folder != Path.GetFileName(full)).Distinct());
    }
}
