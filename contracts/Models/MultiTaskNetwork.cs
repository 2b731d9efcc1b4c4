using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Models;

/// <summary>A network that several tasks learn together. Each of its parameters is either shared or one task's own.</summary>
/// <remarks>Call layers by <c>call</c>, not by <c>forward</c>, which bypasses what the host attaches to them where layers compute in bfloat16.
/// Register a parameter or buffer of your own under its field's name, or name the field by TorchSharp's <c>ComponentName</c>: a field that
/// TorchSharp does not find keeps a disposed tensor once the network moves to a GPU or to float64. For the same reason lists of parameters
/// are gathered from the modules whenever they are asked for, not kept. A module in a field of another is registered there too: one that
/// belongs elsewhere is kept behind a function.</remarks>
public abstract class MultiTaskNetwork(string name) : nn.Module(name)
{
    /// <summary>Places where features can be read, from input to output.</summary>
    public abstract IReadOnlyList<FeatureTap> Taps { get; }

    /// <summary>The parameters whose gradients the tasks' objectives compete for: gradient strategies act on these alone. What counts
    /// as shared is the network's to say; a task that does not use one of them has a gradient of zero there.</summary>
    public abstract IReadOnlyList<Parameter> SharedParameters { get; }

    /// <summary>The parameters of one task alone.</summary>
    /// <param name="task">Its position among the tasks that the network was built for.</param>
    public abstract IReadOnlyList<Parameter> TaskParameters(int task);

    /// <summary>The parameters of the last layer that all tasks share; empty where there is no such layer.</summary>
    public virtual IReadOnlyList<Parameter> LastSharedLayer => [];

    /// <summary>Predictions and features of a batch, for the tasks asked for.</summary>
    public abstract NetworkOutputs forward(NetworkInputs inputs);
}

/// <summary>What a network is shown in one forward pass.</summary>
/// <param name="Tensors">By name, as <see cref="Benchmarks.IBenchmark.Inputs"/> says; floating-point ones in the type that the network computes in.</param>
/// <param name="Count">Number of samples, whatever the shapes of the tensors.</param>
/// <param name="Tasks">The tasks whose outputs are wanted: positions among those that the network was built for.</param>
/// <param name="Rows">Null where all tasks share all samples; else, of each task that the network was built for, the rows (start, count)
/// of the inputs that are its own.</param>
public sealed record NetworkInputs(
    IReadOnlyDictionary<string, Tensor> Tensors, long Count, IReadOnlyList<int> Tasks, IReadOnlyList<(long Start, long Count)>? Rows = null)
{
    /// <summary>An input by its name.</summary>
    public Tensor this[string name] => Tensors[name];

    /// <summary>The only input there is, whatever its name.</summary>
    public Tensor Single => Tensors.Values.Single();

    /// <summary>One task's samples of a tensor that has a row a sample.</summary>
    /// <param name="values">[samples, …].</param>
    /// <param name="task">Its position among the tasks that the network was built for.</param>
    public Tensor RowsOf(int task, Tensor values) => Rows is null ? values : values.narrow(0, Rows[task].Start, Rows[task].Count);
}

/// <summary>What a network makes of a batch.</summary>
/// <param name="Tasks">Of each task asked for, in that order.</param>
/// <param name="Representation">[samples, …] of all samples: the one tensor through which the shared parameters reach every
/// prediction; null where there is none, and strategies that take gradients there do not fit.</param>
public sealed record NetworkOutputs(IReadOnlyList<TaskOutput> Tasks, Tensor? Representation = null);

/// <summary>What a network makes of a batch for one task, of its own samples where each task has some.</summary>
/// <param name="Prediction">[samples, outputs, …].</param>
/// <param name="Taps">Features by tap name: the shared ones, or those on the task's own path where paths differ.</param>
/// <param name="Representation">[samples, …] what the task's last own layers work on; null where that is not one tensor.</param>
public sealed record TaskOutput(Tensor Prediction, IReadOnlyDictionary<string, Tensor> Taps, Tensor? Representation = null);
