namespace KdMtlBench.Contracts;

/// <summary>Names a strategy for sweeps, lists and leaderboards.</summary>
/// <param name="id">kebab-case, unique among all plugins: <c>pc-grad</c>, <c>dwa</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class StrategyAttribute(string id) : Attribute
{
    /// <summary>kebab-case, unique among all plugins.</summary>
    public string Id { get; } = id;

    /// <summary>The full name, for lists and messages.</summary>
    public required string Title { get; init; }

    /// <summary>Authors, venue and year, equation.</summary>
    public required string Paper { get; init; }

    /// <summary>What the strategy works on.</summary>
    public required StrategyFamily Family { get; init; }

    /// <summary>Backward passes through the shared trunk per step, as a function of the number of tasks K: <c>1</c>, <c>K</c>.</summary>
    public string BackwardPasses { get; init; } = "1";
}

/// <summary>What a strategy works on.</summary>
public enum StrategyFamily
{
    /// <summary>Weights of the tasks' losses.</summary>
    LossWeighting,

    /// <summary>The tasks' gradients with respect to the shared parameters.</summary>
    Gradient,

    /// <summary>Terms that pull the network towards single-task teachers.</summary>
    Distillation,
}
