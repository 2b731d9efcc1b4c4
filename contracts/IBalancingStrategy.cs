using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>Decides how several tasks' losses move one set of shared parameters.</summary>
/// <remarks>
/// A plugin is one public class with this interface and a <see cref="StrategyAttribute"/>. The host makes one instance
/// a run and calls it from one thread; an exception from any member fails that run alone, with the exception's message.
/// Tensors made in a call are disposed by the host when the step ends; state that lives longer belongs in
/// <see cref="ITrainingSetup.Train(Tensor, double, double)"/> or <see cref="ITrainingSetup.Keep"/>: only these are in
/// checkpoints, and a resumed run gets a new instance. Fields are for what follows from options, losses and step.
/// A list of strategies composes: <see cref="Objectives"/> is folded in the order of the list and the last strategy's
/// <see cref="Backward"/> is the one that runs.
/// </remarks>
public interface IBalancingStrategy
{
    /// <summary>What the host must provide; checked before training starts.</summary>
    StrategyNeeds Needs => StrategyNeeds.None;

    /// <summary>Called once per run, after the network is initialised and before the first step.</summary>
    /// <remarks>Throw an <see cref="ArgumentException"/> where options do not fit the model or the tasks: each strategy of a
    /// sweep is attached once for trial, and the message is shown before anything starts.</remarks>
    void Attach(ITrainingSetup setup)
    {
    }

    /// <summary>Called when an epoch starts, before its first step; the epochs before it are in <see cref="ITrainingStep.EpochLosses"/>.</summary>
    void StartEpoch(IReadOnlyList<IReadOnlyList<double>> epochLosses)
    {
    }

    /// <summary>What is balanced. Distillation adds its terms to their tasks here.</summary>
    /// <param name="step">The step under way.</param>
    /// <param name="losses">One scalar a task, on the graph: the tasks' losses, with the terms of the strategies before this one.</param>
    /// <returns>One scalar a task, on the graph. Kept apart, not stacked: a backward pass of one must not run through the heads of all.</returns>
    IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => losses;

    /// <summary>Leaves a gradient in every trainable parameter; the host zeroes them before and steps the optimisers after.</summary>
    /// <param name="step">The step under way.</param>
    /// <param name="objectives">One scalar a task, on the graph.</param>
    /// <returns>[tasks]: the weights that were applied, for the log. Not read during the epoch.</returns>
    Tensor Backward(ITrainingStep step, IReadOnlyList<Tensor> objectives);

    /// <summary>Called after the optimisers' step; FAMO, for one, looks at the same batch again.</summary>
    /// <remarks>A gradient left here in a parameter that <see cref="ITrainingSetup.Train(Tensor, double, double)"/> made is
    /// stepped at once; gradients of the network are dropped.</remarks>
    void AfterStep(ITrainingStep step)
    {
    }
}
