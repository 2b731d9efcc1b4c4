using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>One optimisation step: a forward pass has been made, gradients are zero.</summary>
/// <remarks>Tensors are on the run's device. Reading one to the host (<c>item</c>, <c>cpu</c>) makes a GPU wait: avoid it in a step.</remarks>
public interface ITrainingStep
{
    /// <summary>0 for the first step of the run.</summary>
    long Index { get; }

    /// <summary>0 for the first epoch.</summary>
    int Epoch { get; }

    /// <summary>The share of the run that is done, from 0 at the first step to just under 1 at the last.</summary>
    double Progress { get; }

    /// <summary>A random source derived from (seed, step): a resumed run draws what an undisturbed one would.</summary>
    Random Random { get; }

    /// <summary>Mean loss of each task over each epoch that is over: [epoch][task].</summary>
    IReadOnlyList<IReadOnlyList<double>> EpochLosses { get; }

    /// <summary>The tasks' losses on this batch, one scalar a task, on the graph.</summary>
    IReadOnlyList<Tensor> Losses { get; }

    /// <summary>A task's prediction on the graph, [batch, outputs, …].</summary>
    Tensor Prediction(int task);

    /// <summary>A task's target, [batch, …].</summary>
    Tensor Target(int task);

    /// <summary>A task's loss against a target of another origin; void places stay void.</summary>
    /// <param name="task">The task's index.</param>
    /// <param name="target">Class probabilities [batch, classes, …] for a classification, otherwise shaped as <see cref="Target"/>.</param>
    /// <returns>A scalar on the graph.</returns>
    Tensor Loss(int task, Tensor target);

    /// <summary>The network's features at a tap, [batch, …], on the graph.</summary>
    /// <param name="tap">A name from <see cref="ITrainingSetup.Taps"/>.</param>
    /// <param name="task">Picks that task's images where each task has its own; otherwise all tasks give the same tensor.</param>
    Tensor Features(string tap, int task);

    /// <summary>The task's frozen teacher's features at the same tap on the same images, detached. Needs <see cref="StrategyNeeds.Teachers"/>.</summary>
    Tensor TeacherFeatures(string tap, int task);

    /// <summary>The task's frozen teacher's prediction on the same images, detached. Needs <see cref="StrategyNeeds.Teachers"/>.</summary>
    Tensor TeacherPrediction(int task);

    /// <summary>Backpropagates one scalar into every parameter it depends on; the graph stays usable. Counted as one backward pass.</summary>
    void Backward(Tensor objective);

    /// <summary>Each objective's gradient as a row: [tasks, parameters at the point]. Valid until the step ends.</summary>
    /// <param name="objectives">One scalar a task, on the graph.</param>
    /// <param name="at">With respect to what.</param>
    /// <remarks>
    /// At <see cref="GradientPoint.SharedParameters"/> and <see cref="GradientPoint.Representation"/> every head and every
    /// module of the strategy's own keeps the plain gradient of its objective, so that only the shared part is left to
    /// <see cref="Apply"/>. At <see cref="GradientPoint.LastSharedLayer"/> nothing is left anywhere: a look, not a move.
    /// </remarks>
    Tensor Jacobian(IReadOnlyList<Tensor> objectives, GradientPoint at = GradientPoint.SharedParameters);

    /// <summary>Makes a direction the shared parameters' gradient. Call after <see cref="Jacobian"/> at the same point.</summary>
    /// <param name="direction">[parameters at the point].</param>
    /// <param name="at">At the representation, one backward pass through the trunk carries the direction on.</param>
    void Apply(Tensor direction, GradientPoint at = GradientPoint.SharedParameters);

    /// <summary>Inner products of the objectives' gradients, [tasks][tasks] in float64 on the host: the one device-to-host copy of such a step.</summary>
    /// <param name="objectives">One scalar a task, on the graph.</param>
    /// <param name="at">With respect to what; heads are treated as by <see cref="Jacobian"/>.</param>
    double[,] Gramian(IReadOnlyList<Tensor> objectives, GradientPoint at = GradientPoint.SharedParameters);

    /// <summary>Makes the weighted sum of the objectives' gradients the shared parameters' gradient. Call after <see cref="Gramian"/> at the same point.</summary>
    /// <param name="weights">[tasks].</param>
    /// <param name="at">The point that the Gramian was taken at.</param>
    void ApplyWeights(ReadOnlySpan<double> weights, GradientPoint at = GradientPoint.SharedParameters);

    /// <summary>The tasks' losses on the same batch with the parameters as they are now, [tasks], without a graph;
    /// batch-norm statistics stay as they are. For <see cref="IBalancingStrategy.AfterStep"/>.</summary>
    Tensor LossesNow();

    /// <summary>The tasks' losses on this step's validation batch, one scalar a task, on the graph. Needs <see cref="StrategyNeeds.ValidationBatch"/>.</summary>
    IReadOnlyList<Tensor> ValidationLosses();

    /// <summary>The tasks' losses on another training batch of the same size, one scalar a task, on the graph; batch-norm
    /// statistics stay as they are. For estimates that must not depend on this step's batch.</summary>
    /// <param name="sample">Batches of different numbers, and of different steps, are drawn independently.</param>
    IReadOnlyList<Tensor> SampleLosses(int sample);

    /// <summary>Counts a solver that did not converge, or an input it could not solve; shown in the leaderboard.</summary>
    void ReportSolverFailure(string reason);
}

/// <summary>Where the tasks' gradients are taken.</summary>
public enum GradientPoint
{
    /// <summary>All parameters that every task shares.</summary>
    SharedParameters,

    /// <summary>The features between trunk and heads, flattened with the batch axis.</summary>
    Representation,

    /// <summary>The parameters of the last shared layer.</summary>
    LastSharedLayer,
}
