using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Results.Merging;

/// <summary>Puts the runs of several output folders into one, where they belong together.</summary>
internal static class SweepMerge
{
    private const string TrainingPrefix = "training.";
    private const int ShownDigits = 12;

    /// <summary>Facts that every run must share; what else differs, such as the machine, the leaderboard tells.</summary>
    private static readonly IReadOnlyDictionary<string, string> _shared = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["contracts-sha256"] = "the contract",
        ["host-sha256"] = "the program",
        ["torchsharp"] = "TorchSharp",
        ["libtorch"] = "libtorch",
    };

    /// <summary>Copies all runs; of one that several folders have, the finished one.</summary>
    /// <param name="folders">Output folders.</param>
    /// <param name="output">Where the runs go; nothing is written where they do not belong together.</param>
    /// <returns>How many runs there are now.</returns>
    /// <exception cref="InputException">What does not belong together, one difference a line.</exception>
    public static int Merge(IReadOnlyList<string> folders, string output)
    {
        var all = folders.SelectMany(folder => new RunStore(folder).ReadAll().Records.Select(record => new FoundRun(record, new RunStore(folder).Folder(record.Id), "", folder))).ToList();
        var faults = Differences(all).Concat(all.GroupBy(run => run.Record.Id, StringComparer.Ordinal).SelectMany(Disagreements)).ToList();
        if (faults.Count > 0)
            throw new InputException($"these do not belong together, and nothing has been written:\n  {string.Join("\n  ", faults)}");
        var chosen = all.GroupBy(run => run.Record.Id, StringComparer.Ordinal).Select(same => same.FirstOrDefault(run => run.Record.Status == RunStatus.Done) ?? same.First()).ToList();
        var pool = new RunPool(output);
        foreach (var run in chosen)
            pool.Copy(run, withNetwork: false);
        return chosen.Count;
    }

    /// <summary>Of code, contract, data and training, in all runs that must have the same.</summary>
    private static IEnumerable<string> Differences(IReadOnlyList<FoundRun> runs)
    {
        var facts = runs.SelectMany(run => Facts(run.Record).Select(fact => (fact.What, fact.Value, run.Output)));
        foreach (var fact in facts.GroupBy(fact => fact.What, StringComparer.Ordinal))
        {
            var values = fact.GroupBy(one => one.Value, StringComparer.Ordinal).Select(same => $"{Shown(same.Key)} in {string.Join(", ", same.Select(one => one.Output).Distinct())}").ToList();
            if (values.Count > 1)
                yield return $"{fact.Key}: {string.Join("; ", values)}";
        }
    }

    private static IEnumerable<(string What, string Value)> Facts(RunRecord record)
    {
        foreach (var (fact, value) in record.Provenance)
        {
            if (_shared.TryGetValue(fact, out var name))
                yield return (name, value);
            else if (fact.StartsWith(Provenance.PluginPrefix, StringComparison.Ordinal))
                yield return ($"the plugin `{fact[Provenance.PluginPrefix.Length..]}`", value);
            else if (fact == "data-sha256")
                yield return ($"the data of {record.SingleTaskBenchmark ?? record.Benchmark}", value);
        }

        foreach (var (setting, value) in record.Settings.Where(setting => setting.Key.StartsWith(TrainingPrefix, StringComparison.Ordinal)))
            yield return ($"the setting {setting}", value);
    }

    /// <summary>Finished runs of one id have the same curve and the same results.</summary>
    private static IEnumerable<string> Disagreements(IGrouping<string, FoundRun> same)
    {
        var done = same.Where(run => run.Record.Status == RunStatus.Done).ToList();
        foreach (var other in done.Skip(1).Where(other => !Agree(done[0], other)))
            yield return $"the run {same.Key}: its curve or its results in {done[0].Output} are not those in {other.Output}";
    }

    private static bool Agree(FoundRun one, FoundRun other) =>
        one.Record.SelectedEpoch == other.Record.SelectedEpoch && Same(one.Record.Test, other.Record.Test) && Same(one.Record.Validation, other.Record.Validation)
        && Curve(one).AsSpan().SequenceEqual(Curve(other));

    private static bool Same(IReadOnlyDictionary<string, double> one, IReadOnlyDictionary<string, double> other) =>
        one.Count == other.Count && one.All(value => other.TryGetValue(value.Key, out var its) && its.Equals(value.Value));

    private static byte[] Curve(FoundRun run)
    {
        var file = Path.Combine(run.Folder, RunStore.CurveFileName);
        return File.Exists(file) ? File.ReadAllBytes(file) : [];
    }

    private static string Shown(string value) => value.Length == 64 ? value[..ShownDigits] : value;
}
