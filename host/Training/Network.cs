using KdMtlBench.Contracts;
using KdMtlBench.Host.Benchmarks;
using KdMtlBench.Host.Models;
using KdMtlBench.Host.Sweeps;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>A trunk and a head for each task, with their parameters in one buffer.</summary>
internal sealed class Network : IDisposable
{
    /// <summary>torch initialises modules from one global generator; whoever seeds it holds this until the modules are made.</summary>
    public static readonly Lock Initialisation = new();

    private readonly IReadOnlyList<Head> _heads;
    private readonly ScalarType _computesIn;
    private readonly IReadOnlyList<Tensor> _buffers;
    private readonly IReadOnlyList<(long Start, long Length)> _headParts;
    private IReadOnlyList<Tensor>? _kept;
    private bool _keeps;

    private Network(Trunk trunk, IReadOnlyList<Head> heads, Device device, Precision precision)
    {
        Trunk = trunk;
        _heads = heads;
        _computesIn = precision switch
        {
            Precision.Bf16 => ScalarType.BFloat16,
            Precision.Fp64 => ScalarType.Float64,
            _ => ScalarType.Float32,
        };
        nn.Module[] modules = [trunk, .. heads];
        foreach (var module in modules)
            module.to(device);
        if (precision == Precision.Fp64)
            foreach (var module in modules)
                module.to(ScalarType.Float64);
        Flat = new FlatParameters([.. trunk.parameters()], [.. heads.SelectMany(head => head.parameters())], device);
        if (precision == Precision.Bf16)
            foreach (var module in modules)
                HalfPrecision.Apply(module, device);
        HeadParameters = [.. heads.SelectMany(head => head.parameters())];
        Flat.Bind([.. trunk.parameters(), .. HeadParameters]);
        _buffers = [.. modules.SelectMany(module => module.buffers())];
        _headParts = [.. Flat.Parts([trunk.parameters().Count(), .. heads.Select(head => head.parameters().Count())]).Skip(1)];
        HeadGradients = [.. heads.Select((_, task) => HeadPart(Flat.Gradient, task))];
    }

    public Trunk Trunk { get; }

    public FlatParameters Flat { get; }

    public IReadOnlyList<Parameter> HeadParameters { get; }

    /// <summary>Of each task its head's part of the flat gradient, [padded length].</summary>
    public IReadOnlyList<Tensor> HeadGradients { get; }

    /// <summary>A task's head's part of a buffer that is laid out as <see cref="Flat"/> is.</summary>
    public Tensor HeadPart(Tensor flat, int task) => flat.detach().narrow(0, _headParts[task].Start, _headParts[task].Length);

    /// <summary>Makes a network whose first values follow from the seed alone; the trunk's are the same whatever the heads.</summary>
    public static Network Create(IModel model, IReadOnlyList<long> inputShape, IReadOnlyList<TaskInfo> tasks, int seed, Device device, Precision precision = Precision.Fp32)
    {
        lock (Initialisation)
        {
            random.manual_seed(Randomness.Seed(seed, "network"));
            var trunk = model.Trunk(inputShape);
            return new Network(trunk, [.. tasks.Select(task => model.Head(trunk, task))], device, precision);
        }
    }

    /// <summary>Features and the tasks' predictions of a batch, these channel by channel in memory as targets are: a loss that meets
    /// both layouts takes four times as long. Where labels are missing the predictions are of the samples that have one; the network
    /// sees all, so that its shapes are those of every step.</summary>
    /// <param name="batch">What is shown.</param>
    /// <param name="tasks">Positions of the tasks whose predictions are wanted; null for all.</param>
    public (Features Features, IReadOnlyList<Tensor> Predictions) Forward(Batch batch, IReadOnlyList<int>? tasks = null)
    {
        var features = Trunk.forward(ChannelsLast.Of(batch.Inputs.to(_computesIn)));
        return (features, [.. (tasks ?? [.. Enumerable.Range(0, _heads.Count)]).Select(task => Labelled(batch, task,
            _heads[task].forward(RowsOf(features, batch, task)).to(Flat.Dtype).contiguous()))]);
    }

    private static Tensor Labelled(Batch batch, int task, Tensor prediction) =>
        batch.Labelled?[task] is { } labelled ? prediction.index_select(0, labelled) : prediction;

    /// <summary>The features of one task's images.</summary>
    public static Features RowsOf(Features features, Batch batch, int task) =>
        batch.Rows is null ? features : features.Rows(batch.Rows[task].Start, batch.Rows[task].Count);

    /// <summary>Batch norm from the batch, or from its running statistics.</summary>
    public void TrainMode(bool on)
    {
        Trunk.train(on);
        foreach (var head in _heads)
            head.train(on);
    }

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

    /// <summary>All parameters and buffers themselves, by name: <c>trunk.…</c> and, in the order of the tasks, <c>heads.0.…</c></summary>
    public IReadOnlyList<(string Name, Tensor Values)> NamedTensors() =>
        [.. _heads.Prepend<nn.Module>(Trunk).SelectMany((module, i) =>
            module.state_dict().Select(entry => ($"{(i == 0 ? "trunk" : $"heads.{i - 1}")}.{entry.Key}", Flat.Master(entry.Value))))];

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

    private static void Copy(IReadOnlyList<Tensor> from, IReadOnlyList<Tensor> to)
    {
        foreach (var (source, target) in from.Zip(to))
            target.copy_(source);
    }

    public void Dispose()
    {
        foreach (var tensor in _kept ?? [])
            tensor.Dispose();
        foreach (var gradient in HeadGradients)
            gradient.Dispose();
        Flat.Dispose();
        foreach (var head in _heads)
            head.Dispose();
        Trunk.Dispose();
    }
}
