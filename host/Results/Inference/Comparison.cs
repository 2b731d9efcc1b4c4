using KdMtlBench.Host.Results.Leaderboards;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>A row of the leaderboard beside another one, seed by seed.</summary>
/// <param name="Difference">This row's <see cref="LeaderboardRow.DeltaTask"/> minus the other's, in percentage points, over the seeds that both have.</param>
/// <param name="Probability">Two-sided p of the paired t-test, corrected by Holm over all rows that are compared with the same
/// other; null below three seeds, or where a difference is not finite.</param>
public sealed record Comparison(Estimate Difference, double? Probability)
{
    /// <summary>Null without a test.</summary>
    public bool? IsSignificant => Probability is { } probability ? probability < Statistics.Significance : null;

    /// <summary>Every other row's comparison with one of them, by strategy; a row without a common seed has none.</summary>
    /// <param name="rows">Of a group.</param>
    /// <param name="other">One of the rows, or null for no comparisons.</param>
    internal static IReadOnlyDictionary<string, Comparison> WithEach(IReadOnlyList<LeaderboardRow> rows, LeaderboardRow? other)
    {
        if (other is null)
            return new Dictionary<string, Comparison>();
        var uncorrected = rows.Where(row => row != other)
            .Select(row => (row.Strategy, Comparison: Of(row, other)!))
            .Where(pair => pair.Comparison is not null)
            .ToList();
        var tests = uncorrected.Where(pair => pair.Comparison.Probability is not null).ToList();
        var corrected = Statistics.Holm([.. tests.Select(test => test.Comparison.Probability!.Value)]);
        var probabilities = tests.Zip(corrected).ToDictionary(test => test.First.Strategy, test => (double?)test.Second);
        return uncorrected.ToDictionary(
            pair => pair.Strategy, pair => pair.Comparison with { Probability = probabilities.GetValueOrDefault(pair.Strategy) });
    }

    private static Comparison? Of(LeaderboardRow row, LeaderboardRow other)
    {
        var seeds = row.DeltaTaskBySeed.Keys.Intersect(other.DeltaTaskBySeed.Keys).Order().ToList();
        var values = seeds.ConvertAll(seed => row.DeltaTaskBySeed[seed]);
        var others = seeds.ConvertAll(seed => other.DeltaTaskBySeed[seed]);
        return Estimate.Of([.. values.Zip(others, (a, b) => a - b)]) is { } difference
            ? new Comparison(difference, Statistics.PairedTTest(values, others))
            : null;
    }
}
