using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Models;

/// <summary>A network that several tasks learn together. Each of its parameters is either shared or belongs to one task.</summary>
/// <remarks>Call layers by <c>call</c>, not by <c>forward</c>, which bypasses the hooks that the host registers for layers that compute
/// in bfloat16. Register a parameter or buffer of your own under its field's name, or name the field by TorchSharp's
/// <c>ComponentName</c>: a field that TorchSharp does not find holds a disposed tensor once the network moves to a GPU or to float64. For
/// the same reason, collect lists of parameters from the modules on every access instead of caching them. TorchSharp registers every
/// module in a field as a submodule: keep one that belongs elsewhere behind a function.</remarks>
public abstract class MultiTaskNetwork(string name) : nn.Module(name)
{
    /// <summary>Places at which features can be read, from input to output.</summary>
    public abstract IReadOnlyList<FeatureTap> Taps { get; }

    /// <summary>The parameters whose gradients the tasks' objectives compete for: gradient strategies act on these alone. The network
    /// decides what counts as shared; a task that does not use one of them has a zero gradient there.</summary>
    public abstract IReadOnlyList<Parameter> SharedParameters { get; }

    /// <summary>The parameters of one task alone.</summary>
    /// <param name="task">Its position among the tasks that the network was built for.</param>
    public abstract IReadOnlyList<Parameter> TaskParameters(int task);

    /// <summary>The parameters of the last layer that all tasks share; empty if there is no such layer.</summary>
    public virtual IReadOnlyList<Parameter> LastSharedLayer => [];

    /// <summary>Predictions and features of a batch, for the requested tasks.</summary>
    public abstract NetworkOutputs forward(NetworkInputs inputs);
}

/// <summary>The inputs of one forward pass.</summary>
/// <param name="Tensors">By name, as <see cref="Benchmarks.IBenchmark.Inputs"/> says; floating-point ones in the type that the network
/// computes in.</param>
/// <param name="Count">Number of samples, whatever the shapes of the tensors.</param>
/// <param name="Tasks">The tasks whose outputs are requested: positions among those that the network was built for.</param>
/// <param name="Rows">Null if all tasks share all samples; otherwise, for each task that the network was built for, its own rows (start,
/// count) of the inputs.</param>
public sealed record NetworkInputs(
    IReadOnlyDictionary<string, Tensor> Tensors, long Count, IReadOnlyList<int> Tasks, IReadOnlyList<(long Start, long Count)>? Rows = null)
{
    /// <summary>An input by its name.</summary>
    public Tensor this[string name] => Tensors[name];

    /// <summary>The only input there is, whatever its name.</summary>
    public Tensor Single => Tensors.Values.Single();

    /// <summary>One task's samples of a tensor that has one row per sample.</summary>
    /// <param name="values">[samples, …].</param>
    /// <param name="task">Its position among the tasks that the network was built for.</param>
    public Tensor RowsOf(int task, Tensor values) => Rows is null ? values : values.narrow(0, Rows[task].Start, Rows[task].Count);
}

/// <summary>A network's outputs for a batch.</summary>
/// <param name="Tasks">One output per requested task, in that order.</param>
/// <param name="Representation">[samples, …] of all samples: the one tensor through which the shared parameters reach every
/// prediction; null if there is none, in which case strategies that take gradients there do not fit.</param>
public sealed record NetworkOutputs(IReadOnlyList<TaskOutput> Tasks, Tensor? Representation = null);

/// <summary>A network's outputs for one task, for its own samples if each task has its own.</summary>
/// <param name="Prediction">[samples, outputs, …].</param>
/// <param name="Taps">Features by tap name: the shared ones, or those on the task's own path if paths differ.</param>
/// <param name="Representation">[samples, …] the input of the task's own last layers; null if that is not one tensor.</param>
public sealed record TaskOutput(Tensor Prediction, IReadOnlyDictionary<string, Tensor> Taps, Tensor? Representation = null);
