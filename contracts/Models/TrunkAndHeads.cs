using KdMtlBench.Contracts.Benchmarks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Models;

/// <summary>A model with hard parameter sharing: one trunk that all tasks share, and a head for each.</summary>
public abstract class TrunkAndHeads : IModel
{
    /// <summary>The part all tasks share.</summary>
    /// <param name="inputs">What a batch holds; throw an <see cref="InputException"/> if the model cannot take it.</param>
    public abstract Trunk Trunk(IReadOnlyList<InputInfo> inputs);

    /// <summary>One task's own part.</summary>
    public abstract Head Head(Trunk trunk, TaskInfo task);

    /// <inheritdoc />
    public virtual MultiTaskNetwork Build(IReadOnlyList<InputInfo> inputs, IReadOnlyList<TaskInfo> tasks)
    {
        var trunk = Trunk(inputs);
        return new TrunkAndHeadsNetwork(trunk, [.. tasks.Select(task => Head(trunk, task))]);
    }
}

/// <summary>One trunk and a head for each task: the trunk's parameters are shared, a head's belong to its task.</summary>
public sealed class TrunkAndHeadsNetwork : MultiTaskNetwork
{
    private readonly Trunk _trunk;
    private readonly ModuleList<Head> _heads;
    private readonly Func<Head, IEnumerable<Parameter>> _sharedOf;

    /// <summary>Takes ownership of the modules.</summary>
    /// <param name="trunk">The shared trunk.</param>
    /// <param name="heads">One head per task.</param>
    /// <param name="sharedOf">The parameters of a head that count as shared, if not all belong to its task.</param>
    public TrunkAndHeadsNetwork(Trunk trunk, IReadOnlyList<Head> heads, Func<Head, IEnumerable<Parameter>>? sharedOf = null)
        : base("trunk-and-heads")
    {
        (_trunk, _heads, _sharedOf) = (trunk, nn.ModuleList([.. heads]), sharedOf ?? (_ => []));
        register_module("trunk", _trunk);
        register_module("heads", _heads);
    }

    /// <inheritdoc />
    public override IReadOnlyList<FeatureTap> Taps => _trunk.Taps;

    /// <inheritdoc />
    public override IReadOnlyList<Parameter> SharedParameters => [.. _trunk.parameters(), .. _heads.SelectMany(_sharedOf)];

    /// <inheritdoc />
    public override IReadOnlyList<Parameter> TaskParameters(int task) =>
        [.. _heads[task].parameters().Except<Parameter>(_sharedOf(_heads[task]), ReferenceEqualityComparer.Instance)];

    /// <inheritdoc />
    public override IReadOnlyList<Parameter> LastSharedLayer => _trunk.LastSharedLayer;

    /// <inheritdoc />
    public override NetworkOutputs forward(NetworkInputs inputs)
    {
        var features = _trunk.forward(inputs);
        return new NetworkOutputs([.. inputs.Tasks.Select(task =>
        {
            var own = features.Of(task, inputs);
            return new TaskOutput(_heads[task].forward(own), own.Taps, own.Representation);
        })], features.Representation);
    }
}

/// <summary>The shared part of a network.</summary>
/// <remarks><see cref="MultiTaskNetwork"/> says how layers are to be called and parameters registered.</remarks>
public abstract class Trunk(string name) : nn.Module(name)
{
    /// <summary>Places where features can be read, from input to output.</summary>
    public abstract IReadOnlyList<FeatureTap> Taps { get; }

    /// <summary>The parameters of the last layer that all tasks share.</summary>
    public abstract IReadOnlyList<Parameter> LastSharedLayer { get; }

    /// <summary>All features of a batch.</summary>
    public abstract Features forward(NetworkInputs inputs);
}

/// <summary>One task's own part of a network: features to prediction.</summary>
public abstract class Head(string name) : nn.Module(name)
{
    /// <summary>[samples, outputs, …].</summary>
    public abstract Tensor forward(Features features);
}

/// <summary>The trunk's output for a batch.</summary>
/// <param name="Representation">The heads' input; null if they use several layers.</param>
/// <param name="Taps">Features by tap name.</param>
public sealed record Features(Tensor? Representation, IReadOnlyDictionary<string, Tensor> Taps)
{
    /// <summary>The features of one task's samples.</summary>
    public Features Of(int task, NetworkInputs inputs) => inputs.Rows is null ? this : new(
        Representation is null ? null : inputs.RowsOf(task, Representation),
        Taps.ToDictionary(tap => tap.Key, tap => inputs.RowsOf(task, tap.Value), StringComparer.Ordinal));
}
