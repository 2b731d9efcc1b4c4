using KdMtlBench.Host.Runs;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Strategies;

/// <summary>One strategy's view of its run, and the owner of its state: parameters with their optimisers, buffers.</summary>
internal sealed class StrategySetup(RunContext run, int index) : ITrainingSetup, IDisposable
{
    private readonly List<nn.Module> _modules = [];
    private readonly List<optim.Optimizer> _optimizers = [];
    private readonly List<double> _learningRates = [];
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<string, Tensor> _buffers = [];
    private readonly List<TaskState> _taskStates = [];
    private readonly Dictionary<optim.Optimizer, TaskState> _taskParameters = [];

    public IReadOnlyList<TaskInfo> Tasks { get; } = [.. run.Tasks.Select(task => task.Info)];

    public Device Device => run.Device;

    public ScalarType Dtype => run.Network.Flat.Dtype;

    public IReadOnlyList<FeatureTap> Taps => run.Network.Module.Taps;

    public long SharedGradientLength => run.Network.Flat.SharedLength;

    public long SharedParameterCount => run.Network.Flat.SharedCount;

    public double LearningRate => run.Spec.Training.LearningRate;

    public int Epochs => run.Epochs;

    public long Steps => run.Steps;

    public Random Random { get; } = Randomness.Source(run.Spec.Seed, "strategy-random", index);

    public IEnumerable<Parameter> Parameters => _parameters;

    public IEnumerable<optim.Optimizer> Optimizers => _optimizers;

    /// <summary>What training changes of the strategy's own, by name: parameters, buffers of its modules, its own buffers.</summary>
    public IEnumerable<(string Name, Tensor Values)> State() =>
    [
        .. _parameters.Select((parameter, i) => ($"parameter.{i}", (Tensor)parameter)),
        .. _modules.SelectMany(module => module.buffers()).Select((buffer, i) => ($"buffer.{i}", buffer)),
        .. _buffers.Select(buffer => ($"kept.{buffer.Key}", buffer.Value)),
    ];

    public void AddModule(nn.Module module, double learningRate, double weightDecay)
    {
        module.to(Device);
        if (Dtype == ScalarType.Float64)
            module.to(Dtype);
        _modules.Add(module);
        Optimise([.. module.parameters()], learningRate, weightDecay);
    }

    public Parameter AddParameter(Tensor initial, double learningRate, double weightDecay)
    {
        var parameter = new Parameter(Own(initial));
        Optimise([parameter], learningRate, weightDecay);
        return parameter;
    }

    public Parameter AddTaskParameter(Tensor initial, double learningRate, double weightDecay)
    {
        var parameter = AddParameter(initial, learningRate, weightDecay);
        _taskParameters[_optimizers[^1]] = OfTasks(parameter, pairs: false);
        return parameter;
    }

    public Tensor AddTaskBuffer(string name, Tensor initial, bool pairs)
    {
        var buffer = AddBuffer(name, initial);
        OfTasks(buffer, pairs);
        return buffer;
    }

    public Tensor AddBuffer(string name, Tensor initial)
    {
        var buffer = Own(initial);
        return _buffers.TryAdd(name, buffer) ? buffer : throw new ArgumentException($"the buffer `{name}` is added twice", nameof(name));
    }

    /// <summary>The learning rates of an epoch: constant, or scaled as the network's is.</summary>
    /// <param name="networkRate">Of the network in this epoch.</param>
    public void StartEpoch(double networkRate)
    {
        if (run.Spec.Strategies[index].HostOptions.FollowSchedule)
            foreach (var (optimizer, learningRate) in _optimizers.Zip(_learningRates))
                foreach (var group in optimizer.ParamGroups)
                    group.LearningRate = learningRate * networkRate / LearningRate;
    }

    /// <summary>A step of some tasks begins: what has one entry a task holds theirs.</summary>
    /// <param name="present">[tasks of the step] int64, their positions.</param>
    public void Narrow(Tensor present) => _taskStates.ForEach(state => state.Narrow(present));

    /// <summary>The step is over.</summary>
    public void Widen() => _taskStates.ForEach(state => state.Widen());

    /// <summary>Steps the parameters that have a gradient and takes it away from them.</summary>
    public void Step()
    {
        foreach (var optimizer in _optimizers)
        {
            if (_taskParameters.TryGetValue(optimizer, out var state))
                state.Step(optimizer);
            else
                optimizer.step();
        }

        foreach (var parameter in _parameters)
            parameter.grad = null;
    }

    public void Dispose()
    {
        _taskStates.ForEach(state => state.Dispose());
        foreach (var optimizer in _optimizers)
            optimizer.Dispose();
        foreach (var parameter in _parameters)
            parameter.Dispose();
        foreach (var module in _modules)
            module.Dispose();
        foreach (var tensor in _buffers.Values)
            tensor.Dispose();
    }

    private TaskState OfTasks(Tensor live, bool pairs)
    {
        if (live.shape[0] != Tasks.Count || (pairs && live.shape[1] != Tasks.Count))
            throw new ArgumentException($"what is registered as one entry {(pairs ? "a pair of tasks" : "a task")} is [{string.Join(", ", live.shape)}] for {Tasks.Count} tasks", nameof(live));
        var state = new TaskState(live, pairs);
        _taskStates.Add(state);
        return state;
    }

    private Tensor Own(Tensor initial) => initial.detach().clone().to(Device).DetachFromDisposeScope();

    private void Optimise(IReadOnlyList<Parameter> parameters, double learningRate, double weightDecay)
    {
        _parameters.AddRange(parameters);
        _learningRates.Add(learningRate);
        _optimizers.Add(optim.Adam(parameters, learningRate, weight_decay: weightDecay));
    }
}
