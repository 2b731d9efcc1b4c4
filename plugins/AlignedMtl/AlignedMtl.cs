using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>Aligned gradients: the nearest gradients that are orthogonal and all of one length, Ĵ = BJ with
/// B = σ V Λ^(−½) Vᵀ, G = VΛVᵀ, σ = √λ_min; the direction is their sum, so that α = Bᵀ1.</summary>
/// <remarks>Senushkin et al., CVPR 2023, section 4 and algorithm 1, with all tasks preferred alike. Eigenvalues up to K ·
/// <c>rank-tolerance</c> · λ_max are left out, by default single precision's as in the authors' code, which alone has <c>scale</c>.</remarks>
[Strategy("aligned-mtl", Title = "Aligned-MTL", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Senushkin et al., CVPR 2023, algorithm 1")]
public sealed class AlignedMtl(AlignedMtlOptions options) : GramianStrategy
{
    protected override double[] Weights(double[,] gramian, ITrainingStep step) => Weights(gramian, options);

    /// <summary>α, [tasks].</summary>
    public static double[] Weights(double[,] gramian, AlignedMtlOptions options)
    {
        var count = gramian.GetLength(0);
        return SmallMatrix.Times(Balance(gramian, options), [.. Enumerable.Repeat(options.Reduction == AlignedReduction.Sum ? 1.0 : 1.0 / count, count)]);
    }

    /// <summary>B, [tasks, tasks], symmetric.</summary>
    public static double[,] Balance(double[,] gramian, AlignedMtlOptions options)
    {
        var eigen = SymmetricEigen.Of(gramian);
        var (values, vectors, count) = (eigen.Values, eigen.Vectors, eigen.Values.Length);
        var kept = Enumerable.Range(0, count).Where(k => values[k] > 0 && values[k] > count * options.RankTolerance * values.Max()).ToArray();
        var scale = Scale([.. kept.Select(k => Math.Sqrt(values[k])).Order()], options.Scale);
        var balance = new double[count, count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
                balance[i, j] = kept.Sum(k => scale / Math.Sqrt(values[k]) * vectors[i, k] * vectors[j, k]);
        }
        return balance;
    }

    /// <summary>σ from the singular values of J in rising order.</summary>
    private static double Scale(double[] lengths, AlignedScale scale) => scale switch
    {
        AlignedScale.Median => lengths.ElementAtOrDefault((lengths.Length - 1) / 2),
        AlignedScale.Rmse => Math.Sqrt(lengths.Sum(length => length * length) / Math.Max(1, lengths.Length)),
        _ => lengths.FirstOrDefault(),
    };
}

public enum AlignedScale { Min, Median, Rmse }
public enum AlignedReduction { Sum, Mean }

public sealed record AlignedMtlOptions
{
    [Description("length of the aligned gradients from the singular values of the gradients: min as in the paper, median, rmse")]
    public AlignedScale Scale { get; init; }

    [Description("sum of the aligned gradients, or their mean")]
    public AlignedReduction Reduction { get; init; }

    [Description("eigenvalues below this share of the largest, times the number of tasks, count as zero"), Range(0, 1)]
    public double RankTolerance { get; init; } = 1.2e-7;
}
