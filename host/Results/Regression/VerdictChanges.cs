using KdMtlBench.Host.Results.Inference;
using KdMtlBench.Host.Results.Leaderboards;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Regression;

/// <summary>Whether the same is said of the rows as was stored.</summary>
public static class VerdictChanges
{
    /// <summary>Sentences for the console; nothing where there are no verdicts. A verdict near its border may change with the last digits of another
    /// processor, so that a change is told and is no failure of the check.</summary>
    /// <param name="stored">All records of the sweep.</param>
    /// <param name="candidates">The same runs, made anew.</param>
    /// <param name="rule">As stored.</param>
    public static IReadOnlyList<string> Of(IEnumerable<RunRecord> stored, IEnumerable<RunRecord> candidates, DecisionRule rule)
    {
        var (before, after) = (Verdicts(stored, rule), Verdicts(candidates, rule));
        var changes = before.Where(row => after.GetValueOrDefault(row.Key)?.At(rule.Margin) != row.Value.At(rule.Margin)).ToList();
        var at = $"at a margin of {VerdictText.Margin(rule.Margin)}";
        return before.Count == 0 ? []
            : changes.Count == 0 ? [$"All {before.Count} verdicts {at} are as stored."]
            : [$"{changes.Count} of {before.Count} verdicts {at} are not as stored:",
                .. changes.Select(row => $"  {row.Key.Benchmark}, {row.Key.Model}, {row.Key.Strategy}: was {VerdictText.Words(row.Value, rule.Margin)}, "
                    + $"is {(after.GetValueOrDefault(row.Key) is { } now ? VerdictText.Words(now, rule.Margin) : "missing")}")];
    }

    private static Dictionary<(string Benchmark, string Model, string Strategy), Verdict> Verdicts(IEnumerable<RunRecord> records, DecisionRule rule) =>
        Leaderboard.Build("", records, rule).Groups.SelectMany(group => group.Rows).Where(row => row.Verdict is not null)
            .ToDictionary(row => (row.Benchmark, row.Model, row.Strategy), row => row.Verdict!);
}
