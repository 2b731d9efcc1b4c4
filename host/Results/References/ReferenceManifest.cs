using System.Globalization;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.References;

/// <summary>Whose results a reference holds, and how they came about: <c>reference.json</c>.</summary>
/// <param name="Format">Of the folder; raised when an earlier version could not read it.</param>
/// <param name="Title">Of the sweep; may be empty.</param>
/// <param name="StoredBy">Who took these results over as the reference.</param>
/// <param name="Made">The day on which the last of the runs ended, in UTC.</param>
/// <param name="Origins">Where and with what the runs were made, most runs first.</param>
/// <param name="Curves">False where they were left out to keep the folder small.</param>
/// <param name="Rule">How the sweep's rows are judged; null in a reference of before sweeps said so.</param>
internal sealed record ReferenceManifest(int Format, string Title, string StoredBy, DateOnly Made, IReadOnlyList<RunOrigin> Origins, bool Curves, DecisionRule? Rule = null)
{
    public DecisionRule RuleOrDefault => Rule ?? DecisionRule.Default;

    public int Runs => Origins.Sum(origin => origin.Runs);

    /// <summary>As in <c>stored by Ada, runs made by 2026-11-27: 39 runs of commit 6d10799f2210 on AMD EPYC, model 26-2-1, 2 cores, cpu</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"stored by {StoredBy}, runs made by {Made:yyyy-MM-dd}: {string.Join("; ", Origins)}");
}

/// <summary>Runs that were made with one commit on one machine.</summary>
/// <param name="Runs">How many.</param>
/// <param name="Commit">In full; <c>unknown</c> where there was no git.</param>
/// <param name="Changed">Whether what was built differed from the commit.</param>
/// <param name="Machine">Processor, cores and device.</param>
internal sealed record RunOrigin(int Runs, string Commit, bool Changed, string Machine)
{
    /// <summary>The origins of these records, most runs first.</summary>
    public static IReadOnlyList<RunOrigin> Of(IEnumerable<RunRecord> records) =>
    [
        .. from record in records
           group record by (Commit: Fact(record, "git-commit") ?? "unknown", Changed: Fact(record, "git-dirty") == "True", Machine: MachineOf(record)) into origin
           orderby origin.Count() descending, origin.Key.Commit, origin.Key.Machine
           select new RunOrigin(origin.Count(), origin.Key.Commit, origin.Key.Changed, origin.Key.Machine),
    ];

    public override string ToString() => $"{Runs} {(Runs == 1 ? "run" : "runs")} of commit {RecordFacts.Short(Commit)}{(Changed ? " with changes that were not committed" : "")} on {Machine}";

    private static string MachineOf(RunRecord record)
    {
        string?[] facts =
        [
            Fact(record, "cpu") ?? "an unknown processor", Fact(record, "cpu-model") is { } model ? $"model {model}" : null, Fact(record, "cores") is { } cores ? $"{cores} cores" : null,
            Fact(record, "gpu"), Fact(record, "device"),
        ];
        return string.Join(", ", facts.OfType<string>());
    }

    private static string? Fact(RunRecord record, string key) => record.Provenance.GetValueOrDefault(key);
}
