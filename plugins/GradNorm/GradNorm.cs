using TorchSharp.Modules;

namespace KdMtlBench.Plugins;

/// <summary>Gradient normalisation: weights w learn to make every Gᵢ = wᵢ‖∇Lᵢ‖ at the last shared layer follow
/// Ḡ rᵢ^α, with rᵢ = (Lᵢ/Lᵢ(0)) / meanⱼ(Lⱼ/Lⱼ(0)) the inverse training rate: they descend on Σ |Gᵢ − Ḡ rᵢ^α| with the
/// second term constant, and are then scaled to Σ wᵢ = K.</summary>
/// <remarks>Chen et al., ICML 2018, eq. 1 and 2, algorithm 1. Ahead of the scaling w is kept above 0.001, on which the
/// paper is silent. LibMTL learns s instead, with w = K softmax(s): <c>weights: lib-mtl</c>.</remarks>
[Strategy("gradnorm", Title = "GradNorm", Family = StrategyFamily.Gradient, BackwardPasses = "1",
    Paper = "Chen et al., ICML 2018, eq. 1 and 2")]
public sealed class GradNorm(GradNormOptions options) : IBalancingStrategy
{
    private const double Least = 1e-3;

    private Parameter? _weights;
    private Tensor? _initialLosses;

    public void Attach(ITrainingSetup setup)
    {
        _weights = setup.Train(ones(setup.Tasks.Count), options.LearningRate);
        var known = setup.Tasks.Select(task =>
            options.InitialLoss == InitialLoss.LogK && task.Kind == TaskKind.Classification ? MathF.Log(task.Outputs) : 0);
        _initialLosses = setup.Keep("initial-losses", tensor(known.ToArray()));
    }

    public Tensor Backward(ITrainingStep step, IReadOnlyList<Tensor> objectives)
    {
        var stacked = stack(objectives);
        var losses = stacked.detach();
        if (step.Index == 0)
            KeepInitial(losses);
        var norms = step.Jacobian(objectives, GradientPoint.LastSharedLayer).norm(1);
        var parameter = _weights!.detach();
        var weights = options.Weights == GradNormWeights.LibMtl ? losses.shape[0] * softmax(parameter, 0) : parameter.clone();
        var slope = Slope(weights, norms, losses / _initialLosses!, options.Alpha);
        // The derivative of wᵢ = K softmax(s)ᵢ carries the slope on to s.
        _weights.grad = options.Weights == GradNormWeights.LibMtl ? weights * (slope - (weights * slope).mean()) : slope;
        step.Backward((weights * stacked).sum());
        return weights;
    }

    private void KeepInitial(Tensor losses)
    {
        if ((losses <= 0).any().item<bool>())
            throw new InvalidOperationException("GradNorm compares losses with those of the first batch, which must be positive.");
        _initialLosses!.copy_(where(_initialLosses > 0, _initialLosses, losses));
    }

    public void AfterStep(ITrainingStep step)
    {
        if (options.Weights == GradNormWeights.LibMtl)
            return;
        using var _ = no_grad();
        _weights!.clamp_(Least);
        _weights.mul_(_weights.shape[0] / _weights.sum());
    }

    /// <summary>Derivative of Σ |wᵢnᵢ − Ḡ rᵢ^α| by w with Ḡ rᵢ^α constant: sign(wᵢnᵢ − Ḡ rᵢ^α) nᵢ, [tasks].</summary>
    /// <param name="weights">w, [tasks].</param>
    /// <param name="norms">n, norms of the unweighted gradients, [tasks].</param>
    /// <param name="lossRatios">Lᵢ/Lᵢ(0), [tasks].</param>
    /// <param name="alpha">Strength of the pull towards a common training rate.</param>
    public static Tensor Slope(Tensor weights, Tensor norms, Tensor lossRatios, double alpha)
    {
        var weighted = weights * norms;
        var target = weighted.mean() * (lossRatios / lossRatios.mean()).pow(alpha);
        return (weighted - target).sign() * norms;
    }
}

public enum InitialLoss
{
    FirstBatch,
    LogK,
}

public enum GradNormWeights
{
    Paper,
    LibMtl,
}

public sealed record GradNormOptions
{
    [Description("strength of the pull towards a common training rate"), Range(0, 10)]
    public double Alpha { get; init; } = 1.5;

    [Description("of the weights"), Range(0, 10)]
    public double LearningRate { get; init; } = 0.025;

    [Description("L(0), first-batch: measured; log-k: ln of the number of classes, where the task is a classification")]
    public InitialLoss InitialLoss { get; init; }

    [Description("paper: learnt directly, scaled to sum to K; lib-mtl: K softmax of what is learnt")]
    public GradNormWeights Weights { get; init; }
}
