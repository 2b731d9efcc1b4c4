using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>Changes what is minimised: one scalar a task in, one scalar a task out.</summary>
/// <remarks>Whatever comes after it, heads, adaptors and learnt parameters get the gradient of the plain sum of the final
/// objectives. Derive from <see cref="LossWeighting"/> where losses are only multiplied by weights that are not learnt through
/// the objective.</remarks>
public abstract class ObjectiveStrategy : Strategy
{
    /// <summary>Whether an objective can be zero or negative although the loss it is made of is positive, as its logarithm can.
    /// A strategy that requires positive objectives is refused behind such a one.</summary>
    public virtual bool MayTurnNegative => false;

    /// <summary>Whether each objective's gradient is a positive multiple of the gradient of the loss it is made of.</summary>
    public virtual bool OnlyScalesGradients => false;

    /// <inheritdoc />
    public abstract override IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses);
}
