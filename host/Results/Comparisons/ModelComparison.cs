using KdMtlBench.Host.Results.Inference;

namespace KdMtlBench.Host.Results.Comparisons;

/// <summary>Strategies on one benchmark with several models: whether their order depends on the model.</summary>
/// <param name="Benchmark">Label.</param>
/// <param name="Groups">Indices, one a model.</param>
/// <param name="Strategies">That all of them have, without failed runs, the best mean first.</param>
/// <param name="Means">Δ task by strategy and model.</param>
/// <param name="RankCorrelation">Spearman's, of the strategies' means, mean over the pairs of models; NaN where all are alike.</param>
/// <param name="Interaction">Of strategy and model, by as many seeds as all models have.</param>
/// <param name="LeftOut">Strategies with a failed run.</param>
public sealed record ModelComparison(
    string Benchmark, IReadOnlyList<int> Groups, IReadOnlyList<string> Strategies, IReadOnlyList<IReadOnlyList<double>> Means,
    double RankCorrelation, TwoWayInteraction Interaction, IReadOnlyList<string> LeftOut)
{
    /// <summary>One for each benchmark that has several models with strategies in common. Where sweeps differ in more than the model, the group with the most
    /// strategies stands for a model.</summary>
    public static IReadOnlyList<ModelComparison> Of(IReadOnlyList<ComparedGroup> groups) =>
    [
        .. from benchmark in groups.Index().GroupBy(one => one.Item.Benchmark)
           let models = benchmark.GroupBy(one => one.Item.Model).Select(model => model.MaxBy(one => one.Item.Values.Count)).ToList()
           where models.Count > 1
           let comparison = Of(benchmark.Key, [.. models.Select(model => model.Index)], [.. models.Select(model => model.Item)])
           where comparison is not null
           select comparison,
    ];

    private static ModelComparison? Of(string benchmark, IReadOnlyList<int> indices, List<ComparedGroup> models)
    {
        var shared = models[0].Values.Keys.Where(strategy => models.TrueForAll(model => model.Values.ContainsKey(strategy))).ToList();
        var finished = shared.Where(strategy => models.TrueForAll(model => model.Values[strategy].All(double.IsFinite)))
            .OrderByDescending(strategy => models.Average(model => Statistics.Mean(model.Values[strategy]))).ThenBy(strategy => strategy, StringComparer.Ordinal).ToList();
        if (finished.Count < 2)
            return null;
        var seeds = models.Min(model => model.Seeds.Count);
        var means = finished.ConvertAll(strategy => (IReadOnlyList<double>)models.ConvertAll(model => Statistics.Mean(model.Values[strategy])));
        var pairs = models.Select((_, first) => first).SelectMany(first => Enumerable.Range(first + 1, models.Count - first - 1).Select(second => (first, second)));
        return new ModelComparison(
            benchmark, indices, finished, means,
            pairs.Average(pair => MathNet.Numerics.Statistics.Correlation.Spearman(means.Select(row => row[pair.first]), means.Select(row => row[pair.second]))),
            TwoWayInteraction.Of([.. finished.Select(strategy => models.ConvertAll(model => (IReadOnlyList<double>)[.. model.Values[strategy].Take(seeds)]))]),
            [.. shared.Except(finished)]);
    }
}
