using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>Changes what is minimised: one scalar per task in, one scalar per task out.</summary>
/// <remarks>Whatever follows it, heads, adaptors and learnt parameters get the gradient of the plain sum of the final
/// objectives. Derive from <see cref="LossWeighting"/> if losses are only multiplied by weights that are not learnt through
/// the objective.</remarks>
public abstract class ObjectiveStrategy : Strategy
{
    /// <summary>Whether an objective can be zero or negative although its loss is positive, as a logarithm can.
    /// A strategy that requires positive losses is refused after such a strategy.</summary>
    public virtual bool MayTurnNegative => false;

    /// <summary>Whether each objective's gradient is a positive multiple of its loss's gradient.</summary>
    public virtual bool OnlyScalesGradients => false;

    /// <inheritdoc />
    public abstract override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses);
}
