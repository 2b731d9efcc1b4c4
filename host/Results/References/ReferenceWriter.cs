using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Results.References;

/// <summary>Takes the results in an output folder over as a sweep's reference.</summary>
/// <param name="output">The output folder, whose sweep has come to its end.</param>
/// <param name="limit">In bytes; where the whole would be larger, the curves are left out.</param>
internal sealed class ReferenceWriter(string output, long limit = ReferenceWriter.Limit)
{
    /// <summary>What a reference may take in git.</summary>
    public const long Limit = 3_000_000;

    private const string Tuning = "tuning.csv";

    private static readonly string[] _tables = ["leaderboard.csv", "leaderboard.md", Tuning];
    private static readonly string[] _perRun = [RunStore.RecordFile, RunStore.CurveFileName, RunStore.ConflictFileName, RunStore.ConfusionFileName];

    /// <param name="folder">The reference's; what it holds is replaced.</param>
    /// <param name="title">Of the sweep; may be empty.</param>
    /// <param name="rule">How the sweep's rows are judged.</param>
    /// <param name="by">Who stores it.</param>
    /// <exception cref="InputException">There is nothing to store, or not all of it.</exception>
    public ReferenceManifest Write(string folder, string title, DecisionRule rule, string by)
    {
        var records = Records();
        var leaderboard = Leaderboard.Build(title, records, rule);
        LeaderboardCsv.Write(leaderboard, Path.Combine(folder, _tables[0]));
        LeaderboardMarkdown.Write(leaderboard, Path.Combine(folder, _tables[1]));
        if (File.Exists(Path.Combine(output, Tuning)))
            AtomicFile.Write(Path.Combine(folder, Tuning), File.ReadAllText(Path.Combine(output, Tuning)));
        else
            File.Delete(Path.Combine(folder, Tuning));

        var manifest = new ReferenceManifest(Reference.Format, title, by, Made(records), RunOrigin.Of(records), Curves: true, rule);
        var archive = RunArchive.Pack(Files(_perRun));
        if (archive.Length + _tables.Select(name => new FileInfo(Path.Combine(folder, name))).Where(file => file.Exists).Sum(file => file.Length) > limit)
            (archive, manifest) = (RunArchive.Pack(Files([RunStore.RecordFile])), manifest with { Curves = false });
        AtomicFile.Write(Path.Combine(folder, Reference.ArchiveFile), stream => stream.Write(archive));
        Reference.Write(folder, manifest);
        return manifest;
    }

    private IReadOnlyList<RunRecord> Records()
    {
        var (records, warnings) = new RunStore(output).ReadAll();
        if (warnings.Count > 0)
            throw new InputException(warnings[0]);
        if (records.Count == 0)
            throw new InputException($"{output} holds no finished run; run the sweep first");
        return UnfinishedMark.Sentence(output, records.Count) is { } unfinished ? throw new InputException($"{unfinished} Its results can be stored then.") : records;
    }

    /// <summary>Of the runs and, where the sweep was tuned, of its trials: all records first, since what is alike is best packed together.</summary>
    private IEnumerable<(string Name, byte[] Content)> Files(IEnumerable<string> names) =>
        from name in names
        from part in new[] { "", "tuning/" }
        let store = new RunStore(Path.Combine(output, part))
        from id in store.Ids()
        let path = Path.Combine(store.Folder(id), name)
        where File.Exists(path)
        select ($"{part}runs/{id}/{name}", File.ReadAllBytes(path));

    private DateOnly Made(IReadOnlyList<RunRecord> records) =>
        DateOnly.FromDateTime(records.Max(record => File.GetLastWriteTimeUtc(new RunStore(output).RecordPath(record.Id))));
}
