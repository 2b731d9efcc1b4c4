namespace KdMtlBench.Contracts;

/// <summary>What a strategy asks of the host beyond losses and gradients.</summary>
[Flags]
public enum StrategyNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>One frozen single-task network per task, and its outputs on every batch.</summary>
    Teachers = 1,

    /// <summary>A batch of the validation split at every step (<see cref="ITrainingStep.ValidationLosses"/>).</summary>
    ValidationBatch = 2,

    /// <summary>A network with a single shared representation between trunk and heads (<see cref="GradientPoint.Representation"/>).</summary>
    Representation = 4,

    /// <summary>With <see cref="Teachers"/>: their batch norm as <see cref="TeacherMode.Train"/> says. In a composition it holds for all.</summary>
    TeachersInTrainMode = 8,
}
