using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Models;

/// <summary>Names a model for sweeps and lists.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ModelAttribute(string id) : Attribute
{
    /// <summary>kebab-case, unique among models: <c>resnet-26</c>.</summary>
    public string Id { get; } = id;

    /// <summary>In full, for lists and messages.</summary>
    public required string Title { get; init; }

    /// <summary>Authors, venue and year.</summary>
    public required string Paper { get; init; }
}

/// <summary>Builds the shared trunk and the tasks' heads. Weights are drawn from torch's global generator, which the
/// caller has seeded and holds.</summary>
/// <remarks>Call layers by <c>call</c>, not by <c>forward</c>, which goes past what the host hangs on them where layers compute in bfloat16.
/// Register a parameter or buffer of your own under its field's name, or name the field by TorchSharp's <c>ComponentName</c>: a field that
/// TorchSharp does not find keeps a disposed tensor once the model moves to a GPU or to float64.</remarks>
public interface IModel
{
    /// <summary>The part all tasks share.</summary>
    /// <param name="inputShape">[channels, height, width]; throws <see cref="InputException"/> where the model cannot take it.</param>
    Trunk Trunk(IReadOnlyList<long> inputShape);

    /// <summary>One task's own part.</summary>
    Head Head(Trunk trunk, TaskInfo task);
}

/// <summary>The shared part of a network.</summary>
public abstract class Trunk(string name) : nn.Module(name)
{
    /// <summary>Places where features can be read, from input to output.</summary>
    public abstract IReadOnlyList<FeatureTap> Taps { get; }

    /// <summary>The parameters of the last layer that all tasks share.</summary>
    public abstract IReadOnlyList<Parameter> LastSharedLayer { get; }

    /// <summary>All features of a batch, [batch, channels, height, width] in.</summary>
    public abstract Features forward(Tensor inputs);
}

/// <summary>One task's own part of a network: features to prediction.</summary>
public abstract class Head(string name) : nn.Module(name)
{
    /// <summary>[batch, outputs, …].</summary>
    public abstract Tensor forward(Features features);
}

/// <summary>What the trunk makes of a batch.</summary>
/// <param name="Representation">What the heads work on; null where they reach into several layers.</param>
/// <param name="Taps">Features by tap name.</param>
public sealed record Features(Tensor? Representation, IReadOnlyDictionary<string, Tensor> Taps)
{
    /// <summary>The same features for some of the images.</summary>
    public Features Rows(long start, long count) => new(
        Representation?.narrow(0, start, count),
        Taps.ToDictionary(tap => tap.Key, tap => tap.Value.narrow(0, start, count), StringComparer.Ordinal));
}
