using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Leaderboards;

/// <summary>Says which rows of a leaderboard were tuned, with what, and which were not.</summary>
internal static class TuningNote
{
    /// <summary>One sentence a budget; empty where nothing was tuned.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<RunRecord> records)
    {
        var tuned = records.Where(record => record.Settings.ContainsKey("tuning.budget")).ToList();
        if (tuned.Count == 0)
            return [];
        var untuned = string.Join(", ", records.Except(tuned).Select(record => record.Strategy).Distinct().Order(StringComparer.Ordinal));
        return
        [
            .. tuned.GroupBy(record => (Budget: Setting(record, "budget"), Method: Setting(record, "method"), Seeds: Setting(record, "seeds"))).Select(group =>
                $"Tuned rows: {group.Key.Budget} {group.Key.Method} settings each, on seed {group.Key.Seeds.Replace("|", ", ", StringComparison.Ordinal)}, "
                + $"the one with the smallest validation error run again on the seeds of the results; all of them are in tuning.csv. Not tuned: {(untuned.Length > 0 ? untuned : "none")}."),
        ];
    }

    private static string Setting(RunRecord record, string key) => record.Settings["tuning." + key];
}
