using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>The objectives' gradients at a <see cref="GradientPoint"/>, computed when they are first asked for.</summary>
public abstract class TaskGradients
{
    /// <summary>What the gradients are of: one scalar a task, on the graph.</summary>
    public abstract IReadOnlyList<Tensor> Objectives { get; }

    /// <summary>[tasks, parameters at the point]: one gradient a row, valid until the step ends, <see cref="Strategy.AfterStep"/>
    /// included. At the shared parameters the columns are <see cref="ITrainingSetup.SharedGradientLength"/>. Not to be written to.</summary>
    public abstract Tensor Rows { get; }

    /// <summary>One objective's gradient, [parameters at the point], for methods that look at one task a step: only its backward pass is
    /// made, and only its head and what else it alone depends on get a gradient. Take either single rows, then apply a direction, or <see cref="Rows"/>.</summary>
    /// <param name="task">The task's index.</param>
    public abstract Tensor Row(int task);

    /// <summary>The values of the representation, [batch, …], without a graph.</summary>
    /// <exception cref="InvalidOperationException">The gradients are taken at the shared parameters.</exception>
    public abstract Tensor Representation { get; }

    /// <summary>Inner products of the rows, [tasks, tasks] in float64 on the host: the one device-to-host copy of such a step.</summary>
    public abstract double[,] Gramian();

    /// <summary>Makes Σ wᵢ gᵢ the shared parameters' gradient, and records the weights.</summary>
    /// <param name="weights">[tasks], on the run's device.</param>
    public abstract void ApplyWeights(Tensor weights);

    /// <summary>Makes Σ wᵢ gᵢ the shared parameters' gradient, and records the weights.</summary>
    /// <param name="weights">[tasks].</param>
    public void ApplyWeights(ReadOnlySpan<double> weights) => ApplyWeights(tensor(weights.ToArray(), dtype: Rows.dtype, device: Rows.device));

    /// <summary>Makes a direction the shared parameters' gradient.</summary>
    /// <param name="direction">[parameters at the point].</param>
    /// <param name="weights">[tasks], for the records only.</param>
    public abstract void ApplyDirection(Tensor direction, Tensor weights);
}
