using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>The comparisons with the reference that a leaderboard makes: their intervals hold all together.</summary>
/// <remarks>
/// Student's t intervals of the differences, seed by seed, each at the family's level shared equally among the rows (Bonferroni). This
/// holds whatever the correlation, which the common reference makes, and however unequal the rows' scatter, which rules out Dunnett's common
/// variance: on multi-mnist the deviations reach from 0.02 to 1.2 points. Holm's steps would reject more differences, but give no intervals, and
/// equivalence is read off an interval. As all intervals hold together, so does every sentence that follows from them, at any margin.
/// </remarks>
/// <param name="Rule">Reference and margin.</param>
/// <param name="Rows">How many are compared, over all benchmarks and models of the leaderboard, those included of which nothing finished.</param>
public sealed record VerdictFamily(DecisionRule Rule, int Rows)
{
    /// <summary>Margins in points that are always shown.</summary>
    private static readonly double[] _usual = [1, 0.3, 0.1];

    /// <summary>The usual ones and the one that counts, the widest first.</summary>
    public IReadOnlyList<double> Margins => [.. _usual.Append(Rule.Margin).Distinct().OrderDescending()];

    /// <summary>Judges one row.</summary>
    /// <param name="differences">Δ task minus the reference's, in points, in order of the seeds.</param>
    /// <param name="failed">Runs of the row that failed.</param>
    /// <returns>Null where there is no seed.</returns>
    public Verdict? Judge(IReadOnlyList<double> differences, int failed)
    {
        if (differences.Count == 0)
            return null;
        var level = Statistics.Significance / Rows;
        var deviation = Statistics.StandardDeviation(differences);
        var told = differences.Count >= Statistics.FewestSeeds && differences.All(double.IsFinite);
        return new Verdict(
            Statistics.Mean(differences), told ? Statistics.TQuantile(level, differences.Count) * deviation / Math.Sqrt(differences.Count) : null,
            deviation, differences.Count, failed, level);
    }
}
