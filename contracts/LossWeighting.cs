using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>Multiplies each loss by a weight that the backward pass treats as constant: Σ wᵢ Lᵢ is minimised with w held fixed.</summary>
public abstract class LossWeighting : ObjectiveStrategy
{
    private Tensor? _weights; // of the step under way

    /// <inheritdoc />
    public override bool OnlyScalesGradients => true;

    /// <summary>The weights of this step; computed without a graph, and recorded.</summary>
    /// <param name="step">The current step.</param>
    /// <param name="losses">[tasks], the values of the losses received.</param>
    /// <returns>[tasks].</returns>
    protected abstract Tensor Weights(ITrainingStep step, Tensor losses);

    /// <inheritdoc />
    public sealed override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(losses);
        if (!step.IsReevaluation) // the same objective, evaluated again, keeps the weights that the step has applied
        {
            using var noGradient = no_grad();
            _weights = Weights(step, stack(losses)).detach().to(losses[0].dtype);
            step.RecordWeights(_weights);
        }

        return [.. losses.Zip(_weights!.unbind(), (loss, weight) => weight * loss)];
    }
}
