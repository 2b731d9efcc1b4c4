using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>One optimisation step, as seen by one strategy of the list.</summary>
/// <remarks>A loss, here, is what this strategy receives: the task's own loss as changed by the strategies before it. A task without a
/// label in the batch is absent from the step: everything with one entry per task, and every task index,
/// refers to <see cref="Tasks"/>, the tasks that are present. A task's predictions and targets are those of the samples with its label.
/// Tensors are on the run's device. Reading one to the host (<c>item</c>, <c>cpu</c>) makes a GPU wait: avoid it in a step.</remarks>
public interface ITrainingStep
{
    /// <summary>0 for the first step of the run.</summary>
    long Index { get; }

    /// <summary>0 for the first epoch.</summary>
    int Epoch { get; }

    /// <summary>The fraction of the run that is done, from 0 at the first step to just under 1 at the last.</summary>
    double Progress { get; }

    /// <summary>A random source derived from (seed, step): a resumed run draws the same numbers as an uninterrupted one.</summary>
    Random Random { get; }

    /// <summary>True while objectives are evaluated once more, with other parameters or on another batch
    /// (<see cref="RecomputeLosses"/>, <see cref="ValidationLosses"/>, <see cref="ResampledLosses"/>): state must not change
    /// then.</summary>
    bool IsReevaluation { get; }

    /// <summary>The tasks of this step, in the order of <see cref="Losses"/>: those of <see cref="ITrainingSetup.Tasks"/> that have a label
    /// in the batch.</summary>
    IReadOnlyList<TaskInfo> Tasks { get; }

    /// <summary>[epoch][task]: means of <see cref="Losses"/> over each completed epoch, for all of
    /// <see cref="ITrainingSetup.Tasks"/>.</summary>
    IReadOnlyList<IReadOnlyList<double>> EpochLosses { get; }

    /// <summary>The losses received, one scalar per task, on the graph.</summary>
    IReadOnlyList<Tensor> Losses { get; }

    /// <summary>A task's prediction on the graph, [labelled, outputs, …].</summary>
    Tensor Prediction(int task);

    /// <summary>A task's target, [labelled, …].</summary>
    Tensor Target(int task);

    /// <summary>A task's own loss against a substitute target; void places stay void.</summary>
    /// <param name="task">The task's index.</param>
    /// <param name="target">Class probabilities [batch, classes, …] for a classification, otherwise shaped as <see cref="Target"/>.</param>
    /// <returns>A scalar on the graph.</returns>
    Tensor SoftLoss(int task, Tensor target);

    /// <summary>The network's features at a tap, [batch, …], on the graph. Requires <see cref="StrategyRequirements.Features"/>.</summary>
    /// <param name="tap">A name from <see cref="ITrainingSetup.Taps"/>.</param>
    /// <param name="task">Selects that task's samples if each task has its own; otherwise all tasks give the same tensor, which includes
    /// samples without a label.</param>
    Tensor Features(string tap, int task);

    /// <summary>What a task's last own layers work on, [batch, …], on the graph; for a trunk with heads, the same for all tasks. Requires
    /// <see cref="StrategyRequirements.TaskRepresentation"/>.</summary>
    /// <param name="task">The task's index.</param>
    Tensor Representation(int task);

    /// <summary>The task's frozen teacher's features at the same tap on the same images, without a graph. Requires
    /// <see cref="StrategyRequirements.Teachers"/>.</summary>
    Tensor TeacherFeatures(string tap, int task);

    /// <summary>The task's frozen teacher's prediction on the same images, without a graph. Requires
    /// <see cref="StrategyRequirements.Teachers"/>.</summary>
    Tensor TeacherPrediction(int task);

    /// <summary>Each task's own rows (start, count) of the batch and of every feature; null where all tasks share all samples.</summary>
    IReadOnlyList<(long Start, long Count)>? OwnSamples { get; }

    /// <summary>Gradients of <see cref="Losses"/> with respect to the last shared layer, [tasks, its parameters]; read-only, and no
    /// parameter's gradient is touched. Requires <see cref="StrategyRequirements.LastSharedLayer"/>.</summary>
    Tensor LastLayerGradients();

    /// <summary>Gradients of scalars with respect to the shared parameters: as many rows as scalars,
    /// [scalars, <see cref="ITrainingSetup.SharedGradientLength"/>], valid until the step ends. Read-only, and no parameter's
    /// gradient is touched. Each counts as one backward pass.</summary>
    Tensor GradientsOf(IReadOnlyList<Tensor> scalars);

    /// <summary>The same gradients as <see cref="GradientsOf"/>, as new tensors on a graph: they can be part of an objective, or be
    /// differentiated again by <see cref="GradientsOf"/>. A Hessian-vector product Hv, for one, is the gradient of (∇L · v). Needs memory
    /// for a second graph; refused where a step takes its batch in parts.</summary>
    /// <returns>[scalars, <see cref="ITrainingSetup.SharedGradientLength"/>].</returns>
    Tensor DifferentiableGradientsOf(IReadOnlyList<Tensor> scalars);

    /// <summary>Gradients of the losses received with respect to the shared parameters, on the same batch, at the current parameters plus
    /// an offset: [tasks, <see cref="ITrainingSetup.SharedGradientLength"/>], valid until the step ends. Parameters, gradients and
    /// batch-norm statistics are restored afterwards. Costs a forward pass, and counts as one backward pass per task.</summary>
    /// <param name="offset">[<see cref="ITrainingSetup.SharedGradientLength"/>]; values in the padding have no effect.</param>
    Tensor GradientsAt(Tensor offset);

    /// <summary>[parts][tasks] the tasks' own losses on consecutive parts of the batch, as equal in size as possible, on the graph of the
    /// step's only forward pass. Requires <see cref="StrategyRequirements.OriginalLosses"/>.</summary>
    /// <param name="parts">At most the number of samples that each task has in the batch.</param>
    IReadOnlyList<IReadOnlyList<Tensor>> PartialLosses(int parts);

    /// <summary>The losses received, on the same batch with the parameters as they are now, [tasks], without a graph;
    /// batch-norm statistics do not change. For use in <see cref="Strategy.AfterStep"/>.</summary>
    Tensor RecomputeLosses();

    /// <summary>The losses received, on this step's validation batch, one scalar per task, on the graph. Requires
    /// <see cref="StrategyRequirements.ValidationBatch"/>.</summary>
    IReadOnlyList<Tensor> ValidationLosses();

    /// <summary>The losses received, on another training batch of the same size, one scalar per task, on the graph; batch-norm
    /// statistics do not change. For estimates that must be independent of this step's batch.</summary>
    /// <param name="sample">Which batch: different numbers, and different steps, give independent batches.</param>
    IReadOnlyList<Tensor> ResampledLosses(int sample);

    /// <summary>Records weights for the curve, without reading them from the device. <see cref="LossWeighting"/> and
    /// <see cref="TaskGradients"/> do this themselves; a strategy that records none is shown with weights of 1.</summary>
    /// <param name="weights">[tasks].</param>
    void RecordWeights(Tensor weights);

    /// <summary>Counts a solver that did not converge, or an input it could not solve; shown in the leaderboard and the report.</summary>
    /// <param name="reason">What failed; use the same text each time, since failures are counted by it.</param>
    /// <param name="residual">How far from solved it is; the largest is recorded.</param>
    void ReportSolverFailure(string reason, double residual = double.NaN);
}
