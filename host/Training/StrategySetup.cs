using KdMtlBench.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>One strategy's view of its run, and the keeper of its state: parameters with their optimisers, kept tensors.</summary>
internal sealed class StrategySetup(RunContext run, int index) : ITrainingSetup, IDisposable
{
    private readonly List<nn.Module> _modules = [];
    private readonly List<optim.Optimizer> _optimizers = [];
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<string, Tensor> _kept = [];

    public IReadOnlyList<TaskInfo> Tasks { get; } = [.. run.Tasks.Select(task => task.Info)];

    public Device Device => run.Device;

    public IReadOnlyList<FeatureTap> Taps => run.Network.Trunk.Taps;

    public long SharedGradientLength => run.Network.Flat.SharedLength;

    public long SharedParameterCount => run.Network.Flat.SharedCount;

    public double LearningRate => run.Spec.Training.LearningRate;

    public int Epochs => run.Epochs;

    public long Steps => run.Steps;

    public Random Random { get; } = Randomness.Source(run.Spec.Seed, "strategy-random", index);

    public IEnumerable<Parameter> Parameters => _parameters;

    public IEnumerable<optim.Optimizer> Optimizers => _optimizers;

    /// <summary>What training changes of the strategy's own, by name: parameters, buffers of its modules, kept tensors.</summary>
    public IEnumerable<(string Name, Tensor Values)> State() =>
    [
        .. _parameters.Select((parameter, i) => ($"parameter.{i}", (Tensor)parameter)),
        .. _modules.SelectMany(module => module.buffers()).Select((buffer, i) => ($"buffer.{i}", buffer)),
        .. _kept.Select(kept => ($"kept.{kept.Key}", kept.Value)),
    ];

    public void Train(nn.Module module, double learningRate, double weightDecay)
    {
        module.to(Device);
        if (IsDouble)
            module.to(ScalarType.Float64);
        _modules.Add(module);
        Optimise([.. module.parameters()], learningRate, weightDecay);
    }

    public Parameter Train(Tensor initial, double learningRate, double weightDecay)
    {
        var parameter = new Parameter(Own(initial));
        Optimise([parameter], learningRate, weightDecay);
        return parameter;
    }

    public Tensor Keep(string name, Tensor initial)
    {
        var kept = Own(initial);
        return _kept.TryAdd(name, kept) ? kept : throw new ArgumentException($"the state `{name}` is kept twice", nameof(name));
    }

    /// <summary>Steps the parameters that have a gradient and takes it away from them.</summary>
    public void Step()
    {
        foreach (var optimizer in _optimizers)
            optimizer.step();
        foreach (var parameter in _parameters)
            parameter.grad = null;
    }

    public void Dispose()
    {
        foreach (var optimizer in _optimizers)
            optimizer.Dispose();
        foreach (var parameter in _parameters)
            parameter.Dispose();
        foreach (var module in _modules)
            module.Dispose();
        foreach (var tensor in _kept.Values)
            tensor.Dispose();
    }

    private bool IsDouble => run.Network.Flat.Dtype == ScalarType.Float64;

    private Tensor Own(Tensor initial)
    {
        var own = initial.detach().clone().to(Device);
        return (IsDouble && own.is_floating_point() ? own.to(ScalarType.Float64) : own).DetachFromDisposeScope();
    }

    private void Optimise(IReadOnlyList<Parameter> parameters, double learningRate, double weightDecay)
    {
        _parameters.AddRange(parameters);
        _optimizers.Add(optim.Adam(parameters, learningRate, weight_decay: weightDecay));
    }
}
