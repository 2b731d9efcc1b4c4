using static TorchSharp.torch;

namespace KdMtlBench.Contracts;

/// <summary>A balancing method: decides how several tasks' losses move one set of shared parameters.</summary>
/// <remarks>
/// There are two roles. An <see cref="ObjectiveStrategy"/> changes what is minimised; a <see cref="GradientStrategy"/> decides
/// how the objectives' gradients become one direction. A list in a sweep is any number of the first, applied in order to the
/// tasks' losses, then at most one of the second; without one, the sum of the objectives is minimised.
/// A plugin is one public class that derives from one of them and carries a <see cref="StrategyAttribute"/>. The host makes one
/// instance a run and calls it from one thread; an exception from any member fails that run alone, with the exception's message.
/// Tensors made in a call are freed when the step ends. State that lives longer belongs in
/// <see cref="ITrainingSetup.AddParameter"/>, <see cref="ITrainingSetup.AddModule"/> or <see cref="ITrainingSetup.AddBuffer"/>:
/// only these are in checkpoints, and a resumed run gets a new instance. Fields are for what follows from options and from the
/// step under way.
/// </remarks>
public abstract class Strategy
{
    private protected Strategy()
    {
    }

    /// <summary>What the host must provide; checked for every model and benchmark of a sweep before anything starts.</summary>
    public virtual StrategyRequirements Requirements => StrategyRequirements.None;

    /// <summary>What becomes of positive factors that strategies before this one put on the objectives. A sweep that writes
    /// a weighting in front of a strategy that does not respond to it gets a warning.</summary>
    public virtual ScaleResponse ScaleResponse => ScaleResponse.Full;

    /// <summary>Called once a run, after the network is initialised and before the first step.</summary>
    /// <remarks>Throw an <see cref="ArgumentException"/> where options do not fit the model or the tasks: every strategy of a
    /// sweep is initialised once on trial, and the message is shown before anything starts.</remarks>
    public virtual void Initialise(ITrainingSetup setup)
    {
    }

    /// <summary>Called when an epoch starts, before its first step.</summary>
    /// <remarks>A run that goes on in the middle of an epoch calls it again, and gets its state back afterwards.</remarks>
    /// <param name="history">What is known of the epochs that are over; nothing before the first.</param>
    public virtual void StartEpoch(EpochHistory history)
    {
    }

    /// <summary>What is minimised from here on; the losses as they are unless overridden.</summary>
    /// <remarks>The host also calls this for batches and parameters other than the step's own, so that what a later strategy
    /// recomputes is what it received; <see cref="ITrainingStep.IsReevaluation"/> then is true.</remarks>
    /// <param name="step">The step under way.</param>
    /// <param name="losses">One scalar a task, on the graph: the tasks' losses as the strategies before this one have left them.</param>
    /// <returns>One scalar a task, on the graph. They are not stacked: the backward pass of one must not run through all heads.</returns>
    public virtual IReadOnlyList<Tensor> Objectives(ITrainingStep step, IReadOnlyList<Tensor> losses) => losses;

    /// <summary>Called after the optimisers' step; FAMO, for one, looks at the same batch again.</summary>
    /// <remarks>A gradient that is left here in a parameter from <see cref="ITrainingSetup.AddParameter"/> is stepped at once.</remarks>
    public virtual void AfterStep(ITrainingStep step)
    {
    }
}

/// <summary>What becomes of positive factors on the objectives that a strategy receives.</summary>
public enum ScaleResponse
{
    /// <summary>They change the direction that is taken.</summary>
    Full,

    /// <summary>They change the length of the direction only.</summary>
    LengthOnly,

    /// <summary>They change nothing.</summary>
    None,

    /// <summary>They change nothing in the long run: a scale of the strategy's own is learnt, and absorbs them.</summary>
    Absorbed,
}
