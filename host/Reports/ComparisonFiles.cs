using KdMtlBench.Host.Reports.Figures;
using KdMtlBench.Host.Results.Comparisons;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Reports;

/// <summary>A comparison's files: <c>compare.csv</c>, <c>compare.md</c>, <c>compare.html</c>, and its pictures in <c>figures/</c> as PNG and SVG.</summary>
internal static class ComparisonFiles
{
    /// <param name="comparison">What they hold.</param>
    /// <param name="folder">Made where it is not there.</param>
    /// <returns>The page's path.</returns>
    public static string Write(Comparison comparison, string folder)
    {
        ComparisonCsv.Write(comparison, Path.Combine(folder, "compare.csv"));
        ComparisonMarkdown.Write(comparison, Path.Combine(folder, "compare.md"));
        var ofPairs = Inks(comparison, comparison.Strategies);
        var pairs = ComparisonFigures.Pairs(comparison, ofPairs).ToList();
        var aggregates = comparison.Aggregates.Select(aggregate => (Inks: Inks(comparison, [.. aggregate.Rows.Select(row => row.Strategy)]), Aggregate: aggregate))
            .Select(one => (one.Inks, Figures: ComparisonFigures.Aggregate(one.Aggregate, one.Inks).ToList())).ToList();
        foreach (var figure in pairs.Concat(aggregates.SelectMany(one => one.Figures)))
            figure.Save(Path.Combine(folder, "figures"));
        var path = Path.Combine(folder, "compare.html");
        AtomicFile.Write(path, ComparisonPage.Of(comparison, (ofPairs, pairs), aggregates));
        return path;
    }

    /// <summary>Colours for the reference and the first ones; each strategy has its number in all pictures.</summary>
    private static List<Ink> Inks(Comparison comparison, IReadOnlyList<string> strategies)
    {
        var coloured = strategies.OrderByDescending(strategy => strategy == comparison.Reference).Take(Ink.Colours).ToList();
        var numbers = comparison.Strategies.Index().ToDictionary(strategy => strategy.Item, strategy => strategy.Index, StringComparer.Ordinal);
        return [.. strategies.Select(strategy => Ink.Of(numbers[strategy], strategy, coloured.IndexOf(strategy)))];
    }
}
