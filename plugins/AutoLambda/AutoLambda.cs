using TorchSharp.Modules;

namespace KdMtlBench.Plugins;

/// <summary>Weights λ that lower the validation loss after the step: the network steps to θ' = θ − α Σ λᵢgᵢ, and λ descends
/// along ∂(Σ Lᵥ(θ'))/∂λᵢ = −α gᵢ · ∇Σ Lᵥ(θ').</summary>
/// <remarks>Liu, James, Davison &amp; Johns, TMLR 2022, the bi-level form with all tasks primary. Deviations: θ' is the step
/// really taken, by the model's optimiser, so that the new λ serves the next step; the product is taken exactly from the
/// tasks' gradients, not by finite differences, and over the shared parameters; heads take their own task's plain gradient.</remarks>
[Strategy("auto-lambda", Title = "Auto-λ", Family = StrategyFamily.Gradient, BackwardPasses = "K + 1",
    Paper = "Liu, James, Davison & Johns, TMLR 2022, bi-level form")]
public sealed class AutoLambda(AutoLambdaOptions options) : IBalancingStrategy
{
    private Parameter? _lambda;
    private double _alpha;
    private Tensor? _jacobian; // of the step under way

    public StrategyNeeds Needs => StrategyNeeds.ValidationBatch;

    public void Attach(ITrainingSetup setup)
    {
        _alpha = setup.LearningRate;
        _lambda = setup.Train(full(setup.Tasks.Count, options.Initial), options.LearningRate);
    }

    public Tensor Backward(ITrainingStep step, IReadOnlyList<Tensor> objectives)
    {
        _jacobian = step.Jacobian(objectives).clone();
        var weights = _lambda!.detach().clone();
        step.Apply(weights.matmul(_jacobian));
        return weights;
    }

    public void AfterStep(ITrainingStep step)
    {
        var validation = step.Jacobian([stack(step.ValidationLosses()).sum()]).sum([0]);
        using var _ = no_grad();
        _lambda!.grad = -_alpha * _jacobian!.matmul(validation);
    }
}

public sealed record AutoLambdaOptions
{
    [Description("weight of every task at the start"), Range(0, 1e3)]
    public double Initial { get; init; } = 0.1;

    [Description("of the weights"), Range(0, 10)]
    public double LearningRate { get; init; } = 1e-4;
}
