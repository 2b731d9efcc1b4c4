using KdMtlBench.Contracts.Solvers;

namespace KdMtlBench.Plugins;

/// <summary>Momentum against the bias of small batches: yᵢ ← yᵢ − β (yᵢ − gᵢ) tracks each gradient,
/// λ ← Π(λ − γ (YYᵀ + ρI) λ) with Π the projection on the simplex, and the direction is Σ λᵢyᵢ.</summary>
/// <remarks>Fernando et al., ICLR 2023, algorithm 1; Y starts at 0. β and γ shrink with 1/√step. <c>form: lib-mtl</c> is that of LibMTL: a
/// softmax in place of Π, and Lᵢgᵢ/‖gᵢ‖ in place of gᵢ.</remarks>
[Strategy("moco", Title = "MoCo", Family = StrategyFamily.Gradient, BackwardPasses = "K",
    Paper = "Fernando et al., ICLR 2023, algorithm 1")]
public sealed class MoCo(MoCoOptions options) : GradientStrategy
{
    private Tensor? _tracked;
    private Tensor? _weights;

    public override void Initialise(ITrainingSetup setup)
    {
        var tasks = setup.Tasks.Count;
        _tracked = setup.AddTaskBuffer("tracked", zeros(tasks, setup.SharedGradientLength, dtype: setup.Dtype));
        _weights = setup.AddTaskBuffer("weights", full(tasks, 1.0 / tasks, dtype: setup.Dtype));
    }

    public override void Combine(ITrainingStep step, TaskGradients gradients)
    {
        var rows = gradients.Rows;
        using var _ = no_grad();
        if (options.Form == MoCoForm.LibMtl)
            rows = rows * (stack(step.Losses) / (rows.norm(1) + 1e-8)).unsqueeze(1);
        var decay = Math.Sqrt(step.Index + 1);
        _tracked!.add_(rows - _tracked, alpha: options.Beta / decay);
        var slope = _tracked.matmul(_weights!.matmul(_tracked)) + options.Regularisation * _weights;
        var moved = _weights - options.Gamma / decay * slope;
        _weights.copy_(options.Form == MoCoForm.LibMtl ? softmax(moved, 0) : Projected(moved));
        gradients.ApplyDirection(_weights.matmul(_tracked), _weights);
    }

    private static Tensor Projected(Tensor point) => tensor(Simplex.Project([.. point.to(ScalarType.Float64).cpu().data<double>()]));
}

public enum MoCoForm
{
    Paper,
    LibMtl,
}

public sealed record MoCoOptions
{
    [Description("β, share of a step's gradient in the tracked gradient, at the first step"), Range(0, 1)]
    public double Beta { get; init; } = 0.5;

    [Description("γ, step size of the weights at the first step"), Range(0, 1e6)]
    public double Gamma { get; init; } = 0.1;

    [Description("ρ: pulls towards equal weights"), Range(0, 1e6)]
    public double Regularisation { get; init; }

    [Description("paper: projection on the simplex; lib-mtl: softmax, gradients scaled to the length of their losses")]
    public MoCoForm Form { get; init; }
}
