using KdMtlBench.Host.Reports;
using KdMtlBench.Host.Results.Comparisons;
using KdMtlBench.Host.Results.References;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Reading;
using Spectre.Console;

namespace KdMtlBench.Host.Commands;

/// <summary>A sweep's results that can be read, whether its sweep file can still be run or not.</summary>
/// <param name="Folder">With <c>runs/</c>; leaderboard and report go there.</param>
/// <param name="Head">Title, and how the rows are judged.</param>
internal sealed record SweepResults(string Folder, SweepHead Head)
{
    private const string Results = "results/";

    /// <summary>What the user has run; where that is nothing, the stored reference, unpacked in the output folder, and said to be that.</summary>
    /// <exception cref="InputException">There is neither.</exception>
    public static SweepResults OwnOrReference(string name, IAnsiConsole console)
    {
        if (FolderOfRuns(name) is { } folder)
            return folder;
        var file = SweepNames.File(name, console.WriteLine);
        if (Own(file) is { } own)
            return own;
        if (!Reference.ExistsIn(SweepFolders.ReferenceOf(file)))
            throw new InputException($"{SweepFolders.OutputOf(file)} holds no finished run, and there is no stored reference; run the sweep first");
        var reference = Reference.Open(SweepFolders.ReferenceOf(file));
        var unpacked = Path.Combine(SweepFolders.OutputOf(file), "reference");
        reference.Unpack(unpacked);
        console.WriteLine($"You have not run this sweep yet. This is its reference, {reference.Manifest}.");
        return new SweepResults(unpacked, new SweepHead(reference.Manifest.Title, reference.Manifest.RuleOrDefault));
    }

    /// <summary>What the user has run.</summary>
    /// <exception cref="InputException">Nothing yet.</exception>
    public static SweepResults Own(string name, IAnsiConsole console)
    {
        if (FolderOfRuns(name) is { } folder)
            return folder;
        var file = SweepNames.File(name, console.WriteLine);
        return Own(file) ?? throw new InputException($"{SweepFolders.OutputOf(file)} holds no finished run; run the sweep first");
    }

    /// <summary>What the user has run; where that is nothing, the stored reference, which stays packed; null, which is said, where a folder has neither.</summary>
    /// <exception cref="InputException">There is no such sweep.</exception>
    public static ComparedSweep? ToCompare(string name, IAnsiConsole console)
    {
        var title = Path.TrimEndingDirectorySeparator(name);
        title = title.StartsWith(Results, StringComparison.Ordinal) ? title[Results.Length..] : title;
        var results = FolderOfRuns(name);
        if (results is null && Directory.Exists(name) && !File.Exists(Path.Combine(name, SweepFolders.SweepFile)) && !File.Exists(Path.Combine(name, SweepFolders.AsRun)))
            return Nothing("it holds no sweep");
        var file = results is null ? SweepNames.File(name, console.WriteLine) : "";
        results ??= Own(file);
        if (results is not null)
        {
            var records = LeaderboardFiles.Records(results.Folder, console);
            var unfinished = UnfinishedMark.Sentence(results.Folder, records.Count);
            return new ComparedSweep(title, $"your runs in {results.Folder}{(unfinished is null ? "" : $". {unfinished}")}", results.Head.Rule, records);
        }

        if (!Reference.ExistsIn(SweepFolders.ReferenceOf(file)))
            return Nothing("it has no finished run, and no stored reference");
        var reference = Reference.Open(SweepFolders.ReferenceOf(file));
        return new ComparedSweep(title, reference.Manifest.ToString(), reference.Manifest.RuleOrDefault, reference.Records());

        ComparedSweep? Nothing(string reason)
        {
            console.WriteLine($"{name} is left out: {reason}.");
            return null;
        }
    }

    private static SweepResults? FolderOfRuns(string name) =>
        new[] { name, Path.Combine("results", name) }.Where(SweepNames.IsFolderOfRuns).Select(folder => new SweepResults(folder, new SweepHead("", DecisionRule.Default))).FirstOrDefault();

    private static SweepResults? Own(string file)
    {
        var output = SweepFolders.OutputOf(file);
        var asRun = Path.Combine(output, SweepFolders.AsRun);
        return new RunStore(output).Ids().Count == 0 ? null : new SweepResults(output, SweepHead.Read(File.Exists(asRun) ? asRun : file));
    }
}
