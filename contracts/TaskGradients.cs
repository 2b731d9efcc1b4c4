using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>The objectives' gradients at a <see cref="GradientPoint"/>, computed on first access.</summary>
public abstract class TaskGradients
{
    /// <summary>The objectives themselves: one scalar per task, on the graph.</summary>
    public abstract IReadOnlyList<Tensor> Objectives { get; }

    /// <summary>[tasks, parameters at the point]: one gradient a row, valid until the step ends, <see cref="Strategy.AfterStep"/>
    /// included. At the shared parameters the columns are <see cref="ITrainingSetup.SharedGradientLength"/>. Do not write to it.</summary>
    public abstract Tensor Rows { get; }

    /// <summary>One objective's gradient, [parameters at the point], for methods that use one task per step: only its backward pass is
    /// made, and only its head and whatever else it depends on get a gradient. Use either single rows and <see cref="ApplyDirection"/>,
    /// or <see cref="Rows"/>.</summary>
    /// <param name="task">The task's index.</param>
    public abstract Tensor Row(int task);

    /// <summary>The values of the representation, [batch, …], without a graph.</summary>
    /// <exception cref="InvalidOperationException">The gradients are taken at the shared parameters.</exception>
    public abstract Tensor Representation { get; }

    /// <summary>Inner products of the rows, [tasks, tasks] in float64 on the host: the only device-to-host copy of such a step.</summary>
    public abstract double[,] Gramian();

    /// <summary>Makes Σ wᵢ gᵢ the shared parameters' gradient, and records the weights.</summary>
    /// <param name="weights">[tasks], on the run's device.</param>
    public abstract void ApplyWeights(Tensor weights);

    /// <summary>Makes Σ wᵢ gᵢ the shared parameters' gradient, and records the weights.</summary>
    /// <param name="weights">[tasks].</param>
    public void ApplyWeights(ReadOnlySpan<double> weights) => ApplyWeights(tensor(weights.ToArray(), dtype: Rows.dtype, device: Rows.device));

    /// <summary>Makes a direction the shared parameters' gradient.</summary>
    /// <param name="direction">[parameters at the point].</param>
    /// <param name="weights">[tasks], recorded but not applied.</param>
    public abstract void ApplyDirection(Tensor direction, Tensor weights);
}
