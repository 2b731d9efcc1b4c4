using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>The comparisons with the reference that a leaderboard makes: their intervals hold all together.</summary>
/// <remarks>
/// Student's t intervals of the differences, seed by seed, each at the family's level shared equally among the rows (Bonferroni). This
/// holds whatever the correlation, which the common reference makes, and however unequal the rows' scatter, which rules out Dunnett's common
/// variance: on multi-mnist the deviations reach from 0.02 to 1.2 points. Holm's steps would reject more differences, but give no intervals, and
/// equivalence is read off an interval. As all intervals hold together, so does every sentence that follows from them, at any margin.
/// Where seeds come in rounds, a row's intervals hold at all looks together (<see cref="SequentialT"/>), whatever makes the sweep stop.
/// </remarks>
/// <param name="Rule">Reference and margin.</param>
/// <param name="Rows">How many are compared, over all benchmarks and models of the leaderboard, those included of which nothing finished.</param>
public sealed record VerdictFamily(DecisionRule Rule, int Rows)
{
    private readonly Lazy<IReadOnlyList<double>> _borders = new(() => SequentialT.Borders(Statistics.Significance / Rows, Rule.Rounds!.From, Rule.Rounds.To));

    /// <summary>Margins in points that are always shown.</summary>
    private static readonly double[] _usual = [1, 0.3, 0.1];

    /// <summary>The usual ones and the one that counts, the widest first.</summary>
    public IReadOnlyList<double> Margins => [.. _usual.Append(Rule.Margin).Distinct().OrderDescending()];

    private double Level => Statistics.Significance / Rows;

    /// <summary>Judges one row: by all its seeds or, where these come in rounds, at the first look that decides.</summary>
    /// <param name="differences">Δ task minus the reference's, in points, by seed.</param>
    /// <param name="failedSeeds">Of the row.</param>
    /// <returns>Null where there is no seed.</returns>
    public Verdict? Judge(IReadOnlyDictionary<int, double> differences, IReadOnlyCollection<int> failedSeeds)
    {
        var seeds = differences.Keys.Order().ToList();
        if (seeds.Count == 0)
            return null;
        if (Rule.Rounds is not { } rounds)
            return At(seeds.Count, Statistics.TQuantile);
        var last = Math.Min(seeds.Count, rounds.To);
        for (var n = rounds.From; n < last; n++)
            if (At(n, Border) is var verdict && verdict.At(Rule.Margin) != Decision.Undecided)
                return verdict;
        return At(last, Border);

        Verdict At(int count, Func<double, int, double> quantile)
        {
            var values = seeds.Take(count).Select(seed => differences[seed]).ToList();
            var deviation = Statistics.StandardDeviation(values);
            var told = count >= (Rule.Rounds?.From ?? Statistics.FewestSeeds) && values.TrueForAll(double.IsFinite);
            return new Verdict(
                Statistics.Mean(values), told ? quantile(Level, count) * deviation / Math.Sqrt(count) : null,
                deviation, count, seeds[count - 1], failedSeeds.Count, Level);
        }

        double Border(double level, int count) => _borders.Value[count - rounds.From];
    }

    /// <summary>Whether one more seed may decide a row.</summary>
    public bool NeedsMore(Verdict verdict) => Rule.Rounds is { } rounds && verdict.Failed == 0 && verdict.LastSeed < rounds.To
        && verdict.At(Rule.Margin) == Decision.Undecided && (verdict.HalfWidth is not null || double.IsFinite(verdict.Difference));
}
