namespace KdMtlBench.Plugins;

/// <summary>Gradient surgery: each gradient gᵢ, against every other gⱼ in random order, loses its part along gⱼ where the
/// two conflict: if g̃ᵢ·gⱼ &lt; 0 then g̃ᵢ −= (g̃ᵢ·gⱼ / ‖gⱼ‖²) gⱼ. The direction is Σ g̃ᵢ.</summary>
/// <remarks>Yu et al., NeurIPS 2020, algorithm 1. Computed on the Gramian G: with g̃ᵢ = Σₖ cᵢₖ gₖ, g̃ᵢ·gⱼ = Σₖ cᵢₖ Gₖⱼ,
/// and the weights are the column sums of c. The order is drawn afresh for each i.</remarks>
[Strategy("pcgrad", Title = "PCGrad", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Yu et al., NeurIPS 2020, algorithm 1")]
public sealed class PcGrad(PcGradOptions options) : GramianStrategy
{
    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        var weights = Weights(gramian, step.Random);
        return options.Reduction == PcGradReduction.Sum ? weights : [.. weights.Select(weight => weight / weights.Length)];
    }

    /// <summary>Weights of the sum, [tasks].</summary>
    public static double[] Weights(double[,] gramian, Random random)
    {
        var tasks = Enumerable.Range(0, gramian.GetLength(0)).ToArray();
        var weights = new double[tasks.Length];
        foreach (var i in tasks)
        {
            var coefficients = new double[tasks.Length];
            coefficients[i] = 1;
            var others = tasks.Where(j => j != i).ToArray();
            random.Shuffle(others);
            foreach (var j in others)
            {
                var product = tasks.Sum(k => coefficients[k] * gramian[k, j]);
                if (product < 0 && gramian[j, j] > 0)
                    coefficients[j] -= product / gramian[j, j];
            }
            foreach (var k in tasks)
                weights[k] += coefficients[k];
        }
        return weights;
    }
}

public enum PcGradReduction
{
    Sum,
    Mean,
}

public sealed record PcGradOptions
{
    [Description("sum: as in the paper; mean: 1/K of it")]
    public PcGradReduction Reduction { get; init; }
}
