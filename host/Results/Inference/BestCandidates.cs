namespace KdMtlBench.Host.Results.Inference;

/// <summary>Which rows may be the best.</summary>
/// <remarks>Multiple comparisons with the best: a row is out where another one beats it by a one-sided paired t-test at 5 % over the number
/// of others. The truly best row is then in with 95 %, whichever it is; a test against the best mean would take the best from the very data that
/// it tests. Gupta, Technometrics 7 (1965); Hsu, Annals of Statistics 9 (1981); here with each pair's own variance.</remarks>
public static class BestCandidates
{
    /// <summary>One answer a row; null for a row that has no three seeds, or a value that is not finite.</summary>
    /// <param name="rows">Values by seed, positive is better.</param>
    public static IReadOnlyList<bool?> Of(IReadOnlyList<IReadOnlyDictionary<int, double>> rows)
    {
        var level = Statistics.Significance / Math.Max(1, rows.Count - 1);
        return [.. rows.Select(row => row.Count < Statistics.FewestSeeds || !row.Values.All(double.IsFinite)
            ? (bool?)null
            : !rows.Any(other => other != row && Beats(other, row, level)))];
    }

    private static bool Beats(IReadOnlyDictionary<int, double> other, IReadOnlyDictionary<int, double> row, double level)
    {
        var seeds = row.Keys.Where(other.ContainsKey).Order().ToList();
        var others = seeds.ConvertAll(seed => other[seed]);
        var values = seeds.ConvertAll(seed => row[seed]);
        return Statistics.PairedTTest(others, values) is { } probability && probability / 2 < level && others.Sum() > values.Sum();
    }
}
