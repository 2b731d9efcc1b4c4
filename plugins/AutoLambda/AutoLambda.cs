using TorchSharp.Modules;

namespace KdMtlBench.Plugins;

/// <summary>Weights λ that lower the validation loss after the step: the network steps to θ' = θ − α Σ λᵢgᵢ, and λ descends
/// along ∂(Σ Lᵥ(θ'))/∂λᵢ = −α gᵢ · ∇Σ Lᵥ(θ').</summary>
/// <remarks>Liu, James, Davison &amp; Johns, TMLR 2022, the bi-level form with all tasks primary. Deviations: θ' is the step
/// really taken, by the model's optimiser, so that the new λ serves the next step; the product is taken exactly from the
/// tasks' gradients, not by finite differences, and over the shared parameters; heads take their own task's plain gradient; α is
/// the initial learning rate, where the authors pass the scheduled one. As in their code the batch that stands for validation is
/// another training batch: no other strategy sees labels of the validation split (<c>meta-batch: validation</c> does).</remarks>
[Strategy("auto-lambda", Title = "Auto-λ", Family = StrategyFamily.Gradient, BackwardPasses = "K + 1",
    Paper = "Liu, James, Davison & Johns, TMLR 2022, bi-level form")]
public sealed class AutoLambda(AutoLambdaOptions options) : GradientStrategy
{
    private Parameter? _lambda;
    private double _alpha;
    private TaskGradients? _gradients; // of the step under way

    public override StrategyRequirements Requirements =>
        options.MetaBatch == MetaBatch.Validation ? StrategyRequirements.ValidationBatch : StrategyRequirements.None;

    public override void Initialise(ITrainingSetup setup)
    {
        _alpha = setup.LearningRate;
        _lambda = setup.AddTaskParameter(full(setup.Tasks.Count, options.Initial, dtype: setup.Dtype), options.LearningRate);
    }

    public override void Combine(ITrainingStep step, TaskGradients gradients)
    {
        _gradients = gradients;
        gradients.ApplyWeights(_lambda!.detach());
    }

    public override void AfterStep(ITrainingStep step)
    {
        var losses = options.MetaBatch == MetaBatch.Validation ? step.ValidationLosses() : step.ResampledLosses(0);
        var slope = step.GradientsOf([stack(losses).sum()])[0];
        using var _ = no_grad();
        _lambda!.grad = -_alpha * _gradients!.Rows.matmul(slope);
    }
}

public enum MetaBatch
{
    Training,
    Validation,
}

public sealed record AutoLambdaOptions
{
    [Description("initial weight of every task"), Range(0, 1e3)]
    public double Initial { get; init; } = 0.1;

    [Description("training: another training batch, as in the authors' code; validation: one of the validation split")]
    public MetaBatch MetaBatch { get; init; }

    [Description("learning rate of the weights"), Range(0, 10)]
    public double LearningRate { get; init; } = 1e-4;
}
