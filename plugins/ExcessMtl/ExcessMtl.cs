namespace KdMtlBench.Plugins;

/// <summary>Weights by excess risk: rᵢ = gᵢᵀ Hᵢ⁻¹ gᵢ estimates how far a task is from its optimum, with the diagonal
/// Hᵢ = √(Σₜ gᵢ²) over the steps so far; w ← K softmax(log w + η r / r(0)), and the direction is Σ wᵢgᵢ.</summary>
/// <remarks>He et al., ICML 2024, algorithm 1, with the risks' scale as in the authors' code. The first step has equal
/// weights. Heads take their own task's plain gradient, where the authors weigh it too:
/// <c>weighted-heads: true</c>.</remarks>
[Strategy("excess-mtl", Title = "ExcessMTL", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "He et al., ICML 2024, algorithm 1")]
public sealed class ExcessMtl(ExcessMtlOptions options) : GradientStrategy
{
    private Tensor? _squares;
    private Tensor? _initialRisks;
    private Tensor? _logWeights;

    public override void Initialise(ITrainingSetup setup)
    {
        _squares = setup.AddTaskBuffer("squares", zeros(setup.Tasks.Count, setup.SharedGradientLength, dtype: setup.Dtype));
        _initialRisks = setup.AddTaskBuffer("initial-risks", zeros(setup.Tasks.Count, dtype: setup.Dtype));
        _logWeights = setup.AddTaskBuffer("log-weights", zeros(setup.Tasks.Count, dtype: setup.Dtype));
    }

    public override void Combine(ITrainingStep step, TaskGradients gradients)
    {
        var rows = gradients.Rows;
        using var _ = no_grad();
        _squares!.addcmul_(rows, rows, 1);
        var risks = (rows.square() / (_squares + 1e-7).sqrt()).sum(1);
        _initialRisks!.copy_(where(_initialRisks > 0, _initialRisks, risks.clamp(min: 1e-12))); // of a task's first batch
        if (step.Index > 0)
            _logWeights!.copy_(nn.functional.log_softmax(_logWeights + options.StepSize * risks / _initialRisks, 0));
        gradients.ApplyWeights(risks.shape[0] * softmax(_logWeights!, 0));
    }
}

public sealed record ExcessMtlOptions
{
    [Description("η: how fast tasks far from their optimum gain weight"), Range(0, 1e3)]
    public double StepSize { get; init; } = 0.01;
}
