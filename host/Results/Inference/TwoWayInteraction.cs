using MathNet.Numerics.Distributions;

namespace KdMtlBench.Host.Results.Inference;

/// <summary>Whether the differences between strategies depend on the model.</summary>
/// <remarks>
/// Analysis of variance of a split-plot design (Montgomery, Design and Analysis of Experiments, 8th edition, section 14.4): a seed of a model is a block in
/// which every strategy is run once, so what a seed does to all strategies alike drops out. The F test takes the scatter of the strategies within the
/// blocks to be normal and the same for all.
/// </remarks>
/// <param name="Share">Of the variation between the strategies' means within models, the part that differs from model to model: 0 where the
/// differences between strategies are the same everywhere, 1 where they cancel over the models. The seeds' noise is in it.</param>
/// <param name="F">Mean square of the interaction over that of the residuals; infinite where nothing scatters.</param>
/// <param name="Probability">Of an F at least as large without an interaction; null below two seeds, and where nothing varies at all.</param>
public sealed record TwoWayInteraction(double Share, double F, double? Probability)
{
    /// <param name="values">[strategies][models][seeds], as many seeds everywhere; at least two strategies and two models.</param>
    public static TwoWayInteraction Of(IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>> values)
    {
        var (strategies, models, seeds) = (values.Count, values[0].Count, values[0][0].Count);
        var cells = values.Select(strategy => strategy.Select(Statistics.Mean).ToArray()).ToArray();
        double[] ofStrategy = [.. cells.Select(Statistics.Mean)];
        double[] ofModel = [.. Enumerable.Range(0, models).Select(model => Statistics.Mean([.. cells.Select(strategy => strategy[model])]))];
        var all = Statistics.Mean(ofStrategy);
        var (main, interaction, residual) = (0.0, 0.0, 0.0);
        for (var strategy = 0; strategy < strategies; strategy++)
        {
            main += seeds * models * Math.Pow(ofStrategy[strategy] - all, 2);
            for (var model = 0; model < models; model++)
            {
                interaction += seeds * Math.Pow(cells[strategy][model] - ofStrategy[strategy] - ofModel[model] + all, 2);
                for (var seed = 0; seed < seeds; seed++)
                {
                    var ofBlock = values.Average(other => other[model][seed]);
                    residual += Math.Pow(values[strategy][model][seed] - cells[strategy][model] - ofBlock + ofModel[model], 2);
                }
            }
        }

        var (degrees, residualDegrees) = ((strategies - 1) * (models - 1), (strategies - 1) * models * (seeds - 1));
        var f = interaction / degrees / (residual / residualDegrees);
        return new TwoWayInteraction(main + interaction == 0 ? 0 : interaction / (main + interaction), f, ProbabilityOf(f, degrees, residualDegrees));
    }

    private static double? ProbabilityOf(double f, int degrees, int residualDegrees) =>
        residualDegrees == 0 || double.IsNaN(f) ? null
        : double.IsInfinity(f) ? 0
        : 1 - FisherSnedecor.CDF(degrees, residualDegrees, f);
}
