namespace KdMtlBench.Plugins;

/// <summary>Random loss weighting: w = softmax(z) with z ~ N(0, I) drawn afresh every step.</summary>
/// <remarks>Lin, Ye, Zhang &amp; Tsang, TMLR 2022, algorithm 1. The paper's weights sum to 1 where uniform ones sum to K:
/// under SGD that is a learning rate K times smaller. <c>sum: tasks</c> takes the difference away.</remarks>
[Strategy("random-loss-weighting", Title = "Random loss weighting", Family = StrategyFamily.LossWeighting,
    Paper = "Lin, Ye, Zhang & Tsang, TMLR 2022, algorithm 1")]
public sealed class RandomLossWeighting(RandomLossWeightingOptions options) : LossWeighting
{
    protected override Tensor Weights(ITrainingStep step, Tensor losses)
    {
        var (tasks, random) = (losses.shape[0], step.Random);
        var normal = Enumerable.Range(0, (int)tasks).Select(_ => Normal(random)).ToArray();
        var weights = softmax(tensor(normal, dtype: losses.dtype, device: losses.device), 0);
        return options.Sum == RandomWeightSum.Tasks ? tasks * weights : weights;
    }

    /// <summary>Box and Muller's transform of two uniform draws.</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

public enum RandomWeightSum
{
    One,
    Tasks,
}

public sealed record RandomLossWeightingOptions
{
    [Description("sum of the weights: one as in the paper, or tasks: K, as for uniform weights")]
    public RandomWeightSum Sum { get; init; }
}
