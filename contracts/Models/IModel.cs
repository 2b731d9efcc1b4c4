using KdMtlBench.Contracts.Benchmarks;

namespace KdMtlBench.Contracts.Models;

/// <summary>Names a model for sweeps and lists.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ModelAttribute(string id) : Attribute
{
    /// <summary>kebab-case, unique among models: <c>resnet-26</c>.</summary>
    public string Id { get; } = id;

    /// <summary>The full name, for lists and messages.</summary>
    public required string Title { get; init; }

    /// <summary>Authors, venue and year.</summary>
    public required string Paper { get; init; }
}

/// <summary>Builds networks. <see cref="TrunkAndHeads"/> is a ready-made base for models whose tasks share one trunk.</summary>
public interface IModel
{
    /// <summary>A network for these inputs and tasks. Weights are drawn from torch's global generator, which the caller has seeded and
    /// locked.</summary>
    /// <param name="inputs">What a batch holds; throw an <see cref="InputException"/> if the model cannot take it.</param>
    /// <param name="tasks">All of a benchmark's, or one for a single-task network.</param>
    MultiTaskNetwork Build(IReadOnlyList<InputInfo> inputs, IReadOnlyList<TaskInfo> tasks);
}
