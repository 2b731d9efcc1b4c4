using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Storage;

/// <summary>Where the runs of a sweep file go, where its reference is stored, and where other sweeps have theirs.</summary>
/// <remarks><c>results/NAME/sweep.yaml</c> has <c>output/</c> and <c>reference/</c> beside it, any other <c>results/NAME/more.yaml</c> has
/// <c>more.output/</c> and <c>more.reference/</c>. An output folder holds <c>as-run.yaml</c>, which is a sweep file whose output is that folder.</remarks>
internal static class SweepFolders
{
    public const string SweepFile = "sweep.yaml";

    /// <summary>In an output folder: the sweep that its runs belong to, with what the command line had put into it.</summary>
    public const string AsRun = "as-run.yaml";

    /// <summary>In an output folder: the trials of a sweep that is tuned.</summary>
    public const string Tuning = "tuning";

    /// <summary>In an output folder: what was run to be compared with the reference.</summary>
    public const string Check = "check";

    private const string Output = "output";
    private const string Reference = "reference";

    private static readonly EnumerationOptions _whatCanBeRead = new();

    public static string OutputOf(string sweepFile) => Path.GetFileName(sweepFile) == AsRun ? FolderOf(sweepFile) : Beside(sweepFile, Output);

    public static string ReferenceOf(string sweepFile)
    {
        if (Path.GetFileName(sweepFile) != AsRun)
            return Beside(sweepFile, Reference);
        var output = FolderOf(sweepFile);
        return IsOutputOfSweep(output) ? output[..^Output.Length] + Reference : Path.Combine(output, Reference);
    }

    /// <summary>The other output folders that a sweep can take finished runs and networks from: those of the sweep files in its own folder and in the
    /// folders beside that, sorted by name, each followed by its trials and checks.</summary>
    public static IReadOnlyList<string> Beside(string output)
    {
        var own = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));
        var outer = Outer(own);
        var sweep = IsOutputOfSweep(outer) ? Path.GetDirectoryName(outer)! : outer;
        return Path.GetDirectoryName(sweep) is not { } results || !Directory.Exists(results) ? [] : [.. Directory.GetDirectories(results).Order(StringComparer.Ordinal).Except([sweep]).Prepend(sweep)
            .SelectMany(OutputsIn)
            .SelectMany(folder => new[] { folder, Path.Combine(folder, Tuning), Path.Combine(folder, Check), Path.Combine(folder, Check, Tuning) })
            .Where(folder => folder != own && Directory.Exists(folder))];
    }

    /// <summary>The same, and those around the sweep file, where the output was asked to be elsewhere.</summary>
    public static IReadOnlyList<string> Beside(Sweep sweep)
    {
        if (sweep.File.Length == 0)
            return Beside(sweep.Folder);
        var usual = OutputOf(sweep.File);
        return [.. Beside(sweep.Folder).Append(usual).Concat(Beside(usual)).Where(folder => folder != sweep.Folder && Directory.Exists(folder)).Distinct()];
    }

    /// <summary>The output folder that one of trials or checks lies in; others are their own.</summary>
    private static string Outer(string output)
    {
        var outer = output;
        while (Path.GetFileName(outer) is Tuning or Check)
            outer = Path.GetDirectoryName(outer)!;
        return IsOutputOfSweep(outer) || File.Exists(Path.Combine(outer, AsRun)) ? outer : output;
    }

    /// <summary>A folder with a sweep file is an output folder itself where an earlier version ran it, or <c>--output</c> named it.</summary>
    private static IEnumerable<string> OutputsIn(string folder)
    {
        if (File.Exists(Path.Combine(folder, SweepFile)) || File.Exists(Path.Combine(folder, AsRun)))
            yield return folder;
        if (!Directory.Exists(folder))
            yield break;
        foreach (var output in Directory.GetDirectories(folder, "*" + Output, _whatCanBeRead).Where(IsOutputOfSweep).Order(StringComparer.Ordinal))
            yield return output;
    }

    private static bool IsOutputOfSweep(string folder) => Path.GetFileName(folder) is var name && (name == Output || name.EndsWith("." + Output, StringComparison.Ordinal));

    private static string Beside(string sweepFile, string what) =>
        Path.Combine(FolderOf(sweepFile), Path.GetFileName(sweepFile) == SweepFile ? what : $"{Path.GetFileNameWithoutExtension(sweepFile)}.{what}");

    private static string FolderOf(string sweepFile) => Path.GetDirectoryName(Path.GetFullPath(sweepFile))!;
}
