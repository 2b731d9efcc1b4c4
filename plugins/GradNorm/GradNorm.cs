using TorchSharp.Modules;

namespace KdMtlBench.Plugins;

/// <summary>Gradient normalisation: weights w learn to make every Gᵢ = wᵢ‖∇Lᵢ‖ at the last shared layer follow
/// Ḡ rᵢ^α, with rᵢ = (Lᵢ/Lᵢ(0)) / meanⱼ(Lⱼ/Lⱼ(0)) the inverse training rate: they descend on Σ |Gᵢ − Ḡ rᵢ^α| with the
/// second term constant, and are then scaled to Σ wᵢ = K.</summary>
/// <remarks>Chen et al., ICML 2018, eq. 1 and 2, algorithm 1. Before the scaling w is held above 0.001, on which the paper
/// is silent. <c>weights: lib-mtl</c> is the weight rule of LibMTL, w = K softmax(s), without scaling; LibMTL also has weights of 1 in
/// the first epoch, whose mean losses are its L(0), takes norms over all shared parameters, and leaves heads unweighted.
/// L and the gradients are those of the losses received.</remarks>
[Strategy("gradnorm", Title = "GradNorm", Family = StrategyFamily.LossWeighting, Paper = "Chen et al., ICML 2018, eq. 1 and 2")]
public sealed class GradNorm(GradNormOptions options) : LossWeighting
{
    private readonly bool _softmax = options.Weights == GradNormWeights.LibMtl;
    private Parameter? _learnt;
    private Tensor? _initialLosses;

    public override StrategyRequirements Requirements => StrategyRequirements.PositiveLosses | StrategyRequirements.LastSharedLayer;

    public override ScaleResponse ScaleResponse => ScaleResponse.Absorbed;

    public override void Initialise(ITrainingSetup setup)
    {
        _learnt = setup.AddTaskParameter(ones(setup.Tasks.Count, dtype: setup.Dtype), options.LearningRate);
        var guesses = setup.Tasks.Select(task =>
            options.InitialLoss == InitialLoss.LogK && task.Kind == TaskKind.Classification ? Math.Log(task.Outputs) : 0);
        _initialLosses = setup.AddTaskBuffer("initial-losses", tensor(guesses.ToArray(), dtype: setup.Dtype));
    }

    protected override Tensor Weights(ITrainingStep step, Tensor losses)
    {
        _initialLosses!.copy_(where(_initialLosses > 0, _initialLosses, PositiveLosses.Of(losses))); // of a task's first batch
        var norms = step.LastLayerGradients().norm(1);
        var learnt = _learnt!.detach();
        var weights = _softmax ? learnt.shape[0] * softmax(learnt, 0) : learnt.clone();
        var slope = Slope(weights, norms, losses / _initialLosses!, options.Alpha);
        _learnt.grad = _softmax ? weights * (slope - (weights * slope).mean()) : slope;
        return weights;
    }

    public override void AfterStep(ITrainingStep step)
    {
        if (_softmax)
            return;
        using var _ = no_grad();
        _learnt!.clamp_(1e-3);
        _learnt.mul_(_learnt.shape[0] / _learnt.sum());
    }

    /// <summary>Derivative of Σ |wᵢnᵢ − Ḡ rᵢ^α| by w with Ḡ rᵢ^α constant: sign(wᵢnᵢ − Ḡ rᵢ^α) nᵢ. All [tasks]:
    /// w, the norms n of the unweighted gradients, and Lᵢ/Lᵢ(0).</summary>
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

    [Description("learning rate of the weights"), Range(0, 10)]
    public double LearningRate { get; init; } = 0.025;

    [Description("L(0), first-batch: measured; log-k: ln of the number of classes, where the task is a classification")]
    public InitialLoss InitialLoss { get; init; }

    [Description("paper: learnt directly, scaled to sum to K; lib-mtl: K softmax of what is learnt")]
    public GradNormWeights Weights { get; init; }
}
