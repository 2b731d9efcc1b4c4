using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>A balancing method: decides how several tasks' losses move one set of shared parameters.</summary>
/// <remarks>
/// There are two roles. An <see cref="ObjectiveStrategy"/> changes what is minimised; a <see cref="GradientStrategy"/> decides
/// how the objectives' gradients become one direction. A list in a sweep is any number of the first, applied in order to the
/// tasks' losses, then at most one of the second; without one, the sum of the objectives is minimised.
/// A plugin is one public class that derives from one of them and carries a <see cref="StrategyAttribute"/>. The host creates one
/// instance per run and calls it from one thread; an exception from any member fails that run alone, with the exception's message.
/// Tensors made in a call are freed when the step ends. State that lives longer belongs in
/// <see cref="ITrainingSetup.AddParameter"/>, <see cref="ITrainingSetup.AddModule"/> or <see cref="ITrainingSetup.AddBuffer"/>:
/// only these are in checkpoints, and a resumed run gets a new instance. Use fields only for what follows from the options or belongs to
/// the
/// current step.
/// </remarks>
public abstract class Strategy
{
    private protected Strategy()
    {
    }

    /// <summary>What the host must provide; checked for every model and benchmark of a sweep before anything starts.</summary>
    public virtual StrategyRequirements Requirements => StrategyRequirements.None;

    /// <summary>What happens to positive factors that strategies before this one put on the objectives. A sweep that puts
    /// a weighting before a strategy that ignores it gets a warning.</summary>
    public virtual ScaleResponse ScaleResponse => ScaleResponse.Full;

    /// <summary>Called once per run, after the network is initialised and before the first step.</summary>
    /// <remarks>Throw an <see cref="ArgumentException"/> if the options do not fit the model or the tasks: every strategy of a
    /// sweep is initialised once as a test, and the message is shown before anything starts.</remarks>
    public virtual void Initialise(ITrainingSetup setup)
    {
    }

    /// <summary>Called when an epoch starts, before its first step.</summary>
    /// <remarks>Called again when a run resumes in the middle of an epoch; the state in buffers and parameters is restored afterwards.</remarks>
    /// <param name="history">What is known of the completed epochs; empty before the first.</param>
    public virtual void StartEpoch(EpochHistory history)
    {
    }

    /// <summary>What is minimised from here on; the losses unchanged unless overridden.</summary>
    /// <remarks>The host also calls this for batches and parameters other than the step's own, so that a later strategy
    /// recomputes what it received; <see cref="ITrainingStep.IsReevaluation"/> is true then.</remarks>
    /// <param name="step">The current step.</param>
    /// <param name="losses">One scalar per task, on the graph: the tasks' losses as changed by the strategies before this one.</param>
    /// <returns>One scalar per task, on the graph. They are not stacked: the backward pass of one must not run through all heads.</returns>
    public virtual IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => losses;

    /// <summary>Called after the optimisers' step; FAMO, for example, evaluates the same batch again.</summary>
    /// <remarks>If a parameter from <see cref="ITrainingSetup.AddParameter"/> has a gradient afterwards, its optimiser takes a step at
    /// once.</remarks>
    public virtual void AfterStep(ITrainingStep step)
    {
    }
}

/// <summary>What happens to positive factors on the objectives that a strategy receives.</summary>
public enum ScaleResponse
{
    /// <summary>They change the direction taken.</summary>
    Full,

    /// <summary>They change only the length of the direction.</summary>
    LengthOnly,

    /// <summary>They change nothing.</summary>
    None,

    /// <summary>They change nothing in the long run: the strategy learns a scale that absorbs them.</summary>
    Absorbed,
}
