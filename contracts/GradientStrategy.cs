namespace KdMtlBench.Contracts;

/// <summary>Decides how the objectives' gradients are combined into the one direction that the shared parameters follow.</summary>
/// <remarks>Heads, adaptors and learnt parameters are not its concern: they get the gradient of the plain sum of the objectives.
/// A method that prescribes objectives of its own (IMTL, DB-MTL) overrides <see cref="Strategy.Objectives"/> too; the gradients
/// are then those of what that returns.</remarks>
public abstract class GradientStrategy : Strategy
{
    /// <summary>Where the gradients are taken.</summary>
    public virtual GradientPoint At => GradientPoint.SharedParameters;

    /// <summary>Combines the gradients; must apply weights or a direction exactly once.</summary>
    /// <param name="step">The current step.</param>
    /// <param name="gradients">The objectives' gradients.</param>
    public abstract void Combine(ITrainingStep step, TaskGradients gradients);
}

/// <summary>Where the objectives' gradients are taken.</summary>
public enum GradientPoint
{
    /// <summary>All parameters that the tasks share.</summary>
    SharedParameters,

    /// <summary>The representation: the features between trunk and heads, flattened with the batch axis. One backward pass propagates the
    /// direction through the trunk. Parts of an objective that do not pass through the representation, such as distances of earlier
    /// features, reach the shared parameters with the task's weight, or with weight 1 if a direction is applied.</summary>
    Representation,
}
