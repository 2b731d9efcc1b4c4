namespace KdMtlBench.Contracts;

/// <summary>What a strategy needs from its run beyond losses and gradients. A sweep that cannot provide it is refused.</summary>
/// <remarks>A gradient strategy at <see cref="GradientPoint.Representation"/> requires <see cref="Representation"/> implicitly.</remarks>
[Flags]
public enum StrategyRequirements
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>One frozen single-task network per task, and its outputs on every batch.</summary>
    Teachers = 1,

    /// <summary>A batch of the validation split at every step (<see cref="ITrainingStep.ValidationLosses"/>).</summary>
    ValidationBatch = 2,

    /// <summary>A network with a single representation that every prediction is made from.</summary>
    Representation = 4,

    /// <summary>With <see cref="Teachers"/>: their batch norm works as in <see cref="TeacherMode.Train"/>. In a list this holds for all
    /// strategies.</summary>
    TeachersInTrainMode = 8,

    /// <summary>Positive losses, since the strategy divides by them or takes their logarithm. A loss that turns negative
    /// fails the run with step and task; one below <see cref="PositiveLosses.Smallest"/> counts as that value, and is reported.</summary>
    PositiveLosses = 16,

    /// <summary>Features at the network's taps (<see cref="ITrainingStep.Features"/>).</summary>
    Features = 32,

    /// <summary>The tasks' own losses: no other strategy may stand before this one.</summary>
    OriginalLosses = 64,

    /// <summary>Tasks that share their samples: the strategy compares the same samples across tasks.</summary>
    SharedSamples = 128,

    /// <summary>A last shared layer (<see cref="ITrainingStep.LastLayerGradients"/>).</summary>
    LastSharedLayer = 256,

    /// <summary>A network with a representation of each task, the same one or its own
    /// (<see cref="ITrainingStep.Representation"/>).</summary>
    TaskRepresentation = 512,
}
