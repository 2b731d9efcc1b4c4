using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>Gradient vaccine: each gᵢ, against every other gⱼ in random order, gets as much of gⱼ as makes their cosine φ
/// the mean φ̂ᵢⱼ so far, where it is below: g̃ᵢ += ‖g̃ᵢ‖(φ̂√(1−φ²) − φ√(1−φ̂²)) / (‖gⱼ‖√(1−φ̂²)) gⱼ. The direction is Σ g̃ᵢ,
/// and always φ̂ᵢⱼ ← (1−β)φ̂ᵢⱼ + βφ.</summary>
/// <remarks>Wang et al., ICLR 2021, eq. 2 and 3, algorithm 1. Computed on the Gramian as PCGrad is. A φ̂ of ±1 has no such
/// combination: one nearer to it than 1e-6 counts as that far from it. A gradient of no length takes part in nothing.</remarks>
[Strategy("gradvac", Title = "GradVac", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Wang et al., ICLR 2021, algorithm 1")]
public sealed class GradVac(GradVacOptions options) : GramianStrategy
{
    private Tensor? _targets;

    public override void Initialise(ITrainingSetup setup) =>
        _targets = setup.AddTaskBuffer("target-cosines", zeros(setup.Tasks.Count, setup.Tasks.Count, dtype: ScalarType.Float64), pairs: true);

    protected override double[] Weights(double[,] gramian, ITrainingStep step)
    {
        var targets = new double[gramian.GetLength(0), gramian.GetLength(0)];
        var kept = _targets!.cpu().data<double>().ToArray();
        Buffer.BlockCopy(kept, 0, targets, 0, kept.Length * sizeof(double));
        var weights = Weights(gramian, targets, options.Beta, step.Random);
        _targets.copy_(tensor(targets));
        return weights;
    }

    /// <summary>Weights of the sum, [tasks]; <paramref name="targets"/> φ̂, [tasks, tasks], are moved on.</summary>
    public static double[] Weights(double[,] gramian, double[,] targets, double beta, Random random)
    {
        var tasks = Enumerable.Range(0, gramian.GetLength(0)).Where(i => gramian[i, i] > 0).ToArray();
        var weights = new double[gramian.GetLength(0)];
        foreach (var i in tasks)
        {
            var coefficients = new double[weights.Length];
            coefficients[i] = 1;
            var others = tasks.Where(j => j != i).ToArray();
            random.Shuffle(others);
            foreach (var j in others)
            {
                var products = SmallMatrix.Times(gramian, coefficients);
                var ratio = Math.Sqrt(Math.Max(0, SmallMatrix.Dot(coefficients, products))) / Math.Sqrt(gramian[j, j]);
                var cosine = ratio > 0 ? Math.Clamp(products[j] / gramian[j, j] / ratio, -1, 1) : 0;
                var target = Math.Clamp(targets[i, j], -1 + 1e-6, 1 - 1e-6);
                targets[i, j] = (1 - beta) * targets[i, j] + beta * cosine;
                if (cosine < target)
                    coefficients[j] += ratio * (target * Math.Sqrt(1 - cosine * cosine) / Math.Sqrt(1 - target * target) - cosine);
            }
            weights = [.. weights.Zip(coefficients, (sum, coefficient) => sum + coefficient)];
        }
        return weights;
    }
}

public sealed record GradVacOptions
{
    [Description("share of the newest cosine in the mean: 0.01 in the paper, 0.5 in LibMTL"), Range(0, 1)]
    public double Beta { get; init; } = 0.01;
}
