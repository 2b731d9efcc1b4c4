using KdMtlBench.Host.Runs;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Networks;

/// <summary>A model's network, with its parameters in one buffer.</summary>
internal sealed class Network : IDisposable
{
    /// <summary>torch initialises modules from one global generator; whoever seeds it holds this until the modules are made.</summary>
    public static readonly Lock Initialisation = new();

    private readonly IReadOnlyList<int> _tasks;
    private readonly ScalarType _computesIn;
    private readonly IReadOnlyList<Tensor> _buffers;
    private readonly IReadOnlyList<(long Start, long Length)> _taskParts;
    private IReadOnlyList<Tensor>? _kept;
    private bool _keeps;

    private Network(MultiTaskNetwork module, int tasks, Device device, Precision precision)
    {
        Module = module;
        _tasks = [.. Enumerable.Range(0, tasks)];
        _computesIn = precision switch
        {
            Precision.Bf16 => ScalarType.BFloat16,
            Precision.Fp64 => ScalarType.Float64,
            _ => ScalarType.Float32,
        };
        module.to(device);
        if (precision == Precision.Fp64)
            module.to(ScalarType.Float64);
        CheckParameters();
        Flat = new FlatParameters(module.SharedParameters, OfTasks(), device);
        if (precision == Precision.Bf16)
            HalfPrecision.Apply(module, device);
        TaskParameters = OfTasks();
        Flat.Bind([.. module.SharedParameters, .. TaskParameters]);
        _buffers = [.. module.buffers()];
        _taskParts = [.. Flat.Parts([module.SharedParameters.Count, .. _tasks.Select(task => module.TaskParameters(task).Count)]).Skip(1)];
        TaskGradients = [.. _tasks.Select(task => TaskPart(Flat.Gradient, task))];
    }

    /// <summary>As the model has built it.</summary>
    public MultiTaskNetwork Module { get; }

    public FlatParameters Flat { get; }

    /// <summary>The parameters that are one task's own, task by task.</summary>
    public IReadOnlyList<Parameter> TaskParameters { get; }

    /// <summary>Of each task its own parameters' part of the flat gradient, [padded length].</summary>
    public IReadOnlyList<Tensor> TaskGradients { get; }

    /// <summary>A task's own parameters' part of a buffer that is laid out as <see cref="Flat"/> is.</summary>
    public Tensor TaskPart(Tensor flat, int task) => flat.detach().narrow(0, _taskParts[task].Start, _taskParts[task].Length);

    /// <summary>Makes a network whose first values follow from the seed alone; a trunk's are the same whatever the heads.</summary>
    public static Network Create(IModel model, IReadOnlyList<InputInfo> inputs, IReadOnlyList<TaskInfo> tasks, int seed, Device device,
        Precision precision = Precision.Fp32, Initialisation initialisation = Runs.Initialisation.Model)
    {
        lock (Initialisation)
        {
            random.manual_seed(Randomness.Seed(seed, "network"));
            var module = model.Build(inputs, tasks);
            random.manual_seed(Randomness.Seed(seed, "initial-weights")); // how much a model has drawn depends on its heads
            InitialWeights.Draw(module, initialisation);
            return new Network(module, tasks.Count, device, precision);
        }
    }

    /// <summary>The network of a run, or with its settings one of some of its tasks.</summary>
    public static Network Of(RunSpec run, IReadOnlyList<InputInfo> inputs, IEnumerable<LearningTask> tasks, Device device, int? seed = null) => Create(
        run.Model.Create<IModel>(), inputs, [.. tasks.Select(task => task.Info)], seed ?? run.Seed, device, run.Training.Precision, run.Training.Initialisation);

    /// <summary>Features and the tasks' predictions of a batch, these channel by channel in memory as targets are: a loss that meets
    /// both layouts takes four times as long. Where labels are missing the predictions are of the samples that have one; the network
    /// sees all, so that its shapes are those of every step.</summary>
    /// <param name="batch">What is shown.</param>
    /// <param name="tasks">Positions of the tasks whose outputs are wanted; null for all.</param>
    public NetworkOutputs Forward(Batch batch, IReadOnlyList<int>? tasks = null)
    {
        var inputs = InputsOf(batch, tasks ?? _tasks);
        return Labelled(batch, inputs.Tasks, OutputsOf(inputs));
    }

    /// <summary>The same in parts, one after the other.</summary>
    public (NetworkOutputs Outputs, PassInParts InParts) Forward(Batch batch, IReadOnlyList<int> tasks, int parts)
    {
        var inParts = new PassInParts(this, InputsOf(batch, tasks), parts);
        return (Labelled(batch, tasks, inParts.Outputs), inParts);
    }

    /// <summary>What the module makes of inputs, as it is.</summary>
    public NetworkOutputs OutputsOf(NetworkInputs inputs)
    {
        var outputs = Module.forward(inputs);
        if (outputs.Tasks.Count != inputs.Tasks.Count)
            throw new InvalidOperationException($"the network gives outputs of {outputs.Tasks.Count} tasks where {inputs.Tasks.Count} were asked for");
        return outputs;
    }

    /// <summary>All tasks' predictions of a batch.</summary>
    public IReadOnlyList<Tensor> Predict(Batch batch) => [.. Forward(batch).Tasks.Select(task => task.Prediction)];

    /// <summary>Batch norm from the batch, or from its running statistics.</summary>
    public void TrainMode(bool on) => Module.train(on);

    /// <summary>All parameters, as one tensor, and the buffers: what training changes.</summary>
    public IEnumerable<Tensor> StateTensors => _buffers.Prepend(Flat.Values);

    /// <summary>A copy of <see cref="StateTensors"/>, outside every dispose scope.</summary>
    public IReadOnlyList<Tensor> State()
    {
        using var noGradient = no_grad();
        return [.. StateTensors.Select(tensor => tensor.clone().DetachFromDisposeScope())];
    }

    /// <summary>Takes over what <see cref="State"/> gave.</summary>
    public void Restore(IReadOnlyList<Tensor> state)
    {
        using var noGradient = no_grad();
        foreach (var (mine, saved) in StateTensors.Zip(state))
            mine.copy_(saved);
        Flat.ValuesChanged();
    }

    /// <summary>All parameters and buffers themselves, by name: of a trunk with heads <c>trunk.…</c> and, in the order of the tasks, <c>heads.0.…</c></summary>
    public IReadOnlyList<(string Name, Tensor Values)> NamedTensors() =>
        [.. Module.named_parameters().Select(entry => (entry.name, Flat.Master(entry.parameter))), .. Module.named_buffers()];

    /// <summary>From here to <see cref="RestoreStatistics"/> forward passes move the batch-norm statistics only for a while.</summary>
    /// <remarks>They are not put back at once: a graph that waits for its backward pass refuses buffers that were written to.</remarks>
    public void KeepStatistics()
    {
        using var noGradient = no_grad();
        _kept ??= [.. _buffers.Select(buffer => empty_like(buffer).DetachFromDisposeScope())];
        if (!_keeps)
            Copy(_buffers, _kept);
        _keeps = true;
    }

    /// <summary>Puts back what <see cref="KeepStatistics"/> found, if it was called.</summary>
    public void RestoreStatistics()
    {
        using var noGradient = no_grad();
        if (_keeps)
            Copy(_kept!, _buffers);
        _keeps = false;
    }

    public void Dispose()
    {
        foreach (var tensor in _kept ?? [])
            tensor.Dispose();
        foreach (var gradient in TaskGradients)
            gradient.Dispose();
        Flat.Dispose();
        Module.Dispose();
    }

    private IReadOnlyList<Parameter> OfTasks() => [.. _tasks.SelectMany(Module.TaskParameters)];

    /// <summary>What is neither shared nor a task's would never be trained, and nobody would notice.</summary>
    private void CheckParameters()
    {
        var named = Module.named_parameters().ToList();
        var said = Module.SharedParameters.Concat(OfTasks()).ToList();
        if (named.FirstOrDefault(parameter => said.Count(other => ReferenceEquals(other, parameter.parameter)) > 1) is { parameter: not null } twice)
            throw new InputException($"counts its parameter `{twice.name}` more than once among those that are shared and those that are one task's own");
        if (named.FirstOrDefault(parameter => !said.Contains(parameter.parameter, ReferenceEqualityComparer.Instance)) is { parameter: not null } left)
            throw new InputException($"has a parameter `{left.name}` that is neither shared nor one task's own; name it in SharedParameters or TaskParameters");
        if (said.Count > named.Count)
            throw new InputException("counts parameters as shared or one task's own that it has not registered; register its modules, and gather their parameters whenever asked");
    }

    private NetworkInputs InputsOf(Batch batch, IReadOnlyList<int> tasks) => new(
        batch.Inputs.ToDictionary(input => input.Key, input => input.Value.is_floating_point() ? input.Value.to(_computesIn) : input.Value, StringComparer.Ordinal),
        batch.Count, tasks, batch.Rows);

    private NetworkOutputs Labelled(Batch batch, IReadOnlyList<int> tasks, NetworkOutputs outputs) => outputs with
    {
        Tasks = [.. outputs.Tasks.Zip(tasks, (output, task) => output with { Prediction = Labelled(batch, task, output.Prediction.to(Flat.Dtype).contiguous()) })],
    };

    private static Tensor Labelled(Batch batch, int task, Tensor prediction) =>
        batch.Labelled?[task] is { } labelled ? prediction.index_select(0, labelled) : prediction;

    private static void Copy(IReadOnlyList<Tensor> from, IReadOnlyList<Tensor> to)
    {
        foreach (var (source, target) in from.Zip(to))
            target.copy_(source);
    }
}
