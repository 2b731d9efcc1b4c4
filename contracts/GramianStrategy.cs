namespace KdMtlBench.Contracts;

/// <summary>A gradient strategy that needs only the inner products of the tasks' gradients to weigh them.</summary>
/// <remarks>The weighting is a plain function of a small matrix: it can be tested without a network.</remarks>
public abstract class GramianStrategy : GradientStrategy
{
    /// <summary>Weights of the tasks' gradients from their Gramian.</summary>
    /// <param name="gramian">[tasks, tasks], symmetric, positive semi-definite up to rounding; finite (the host has checked).</param>
    /// <param name="step">Gives losses, randomness and <see cref="ITrainingStep.ReportSolverFailure"/>.</param>
    /// <returns>[tasks].</returns>
    protected abstract double[] Weights(double[,] gramian, ITrainingStep step);

    /// <inheritdoc />
    public sealed override void Combine(ITrainingStep step, TaskGradients gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        gradients.ApplyWeights(Weights(gradients.Gramian(), step));
    }
}
