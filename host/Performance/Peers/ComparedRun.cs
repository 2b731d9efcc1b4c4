using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training;
using KdMtlBench.Host.Training.Distillation;
using KdMtlBench.Host.Training.Networks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance.Peers;

/// <summary>A run as a sweep makes it, from its first step to its end, whose losses are kept. Its teachers are untrained networks, none of them
/// with the first values that the run itself has.</summary>
internal sealed class ComparedRun : IDisposable
{
    private readonly IReadOnlyList<Network> _teachers;
    private readonly RunContext _run;

    public ComparedRun(RunSpec spec, IBenchmark benchmark, BenchmarkData data, Device device)
    {
        _teachers = !Teachers.NeededBy(spec) ? [] : [.. benchmark.Tasks.Select((task, i) => Network.Of(spec, benchmark.Inputs, [task], device, spec.Seed + 1 + i))];
        _run = new RunContext(spec, benchmark, data, device)
        {
            Teachers = new Teachers(_teachers, spec.Requirements.HasFlag(StrategyRequirements.TeachersInTrainMode), trainSeconds: 0),
        };
        _run.InitialiseStrategies();
    }

    /// <summary>Of an epoch.</summary>
    public int StepsPerEpoch => _run.StepsPerEpoch;

    /// <summary>The network's values, by name.</summary>
    public IEnumerable<(string Name, Tensor Values)> Values => Named("network", _run.Network);

    /// <summary>The teachers' values, by task and name.</summary>
    public IEnumerable<(string Name, Tensor Values)> TeacherValues => _teachers.SelectMany((teacher, task) => Named($"teachers.{task}", teacher));

    /// <summary>Of the strategies' own parameters.</summary>
    public IEnumerable<Tensor> OwnValues => _run.Setups.SelectMany(setup => setup.Parameters);

    /// <summary>Values of the representation of a batch.</summary>
    public long RepresentationLength => _run.Network.Module.Taps[^1].Shape.Aggregate((long)_run.BatchSize, (product, side) => product * side);

    /// <summary>What a step learns from.</summary>
    public Batch BatchOf(int step)
    {
        var (epoch, i) = Math.DivRem(step, StepsPerEpoch);
        return _run.Draw(_run.Data.Train, _run.BatchOf(_run.Order(epoch), i), step);
    }

    /// <summary>Another batch that a step may look at.</summary>
    public Batch SampleOf(int step, int sample) => _run.TrainingSample(step, sample, [.. _run.Tasks.Select((_, task) => task)]);

    /// <summary>Trains; [steps][tasks] the losses.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Losses()
    {
        using var trainer = new Trainer(_run);
        var losses = new List<IReadOnlyList<double>>();
        trainer.Train(_ => losses.AddRange(Enumerable.Range(0, StepsPerEpoch).Select(LossesOf)), heartbeat: null);
        return losses;

        IReadOnlyList<double> LossesOf(int step)
        {
            using var scope = NewDisposeScope();
            return [.. trainer.LossesOf(step).to(ScalarType.Float64).cpu().data<double>()];
        }
    }

    public void Dispose()
    {
        _run.Dispose();
        _run.Teachers!.Dispose();
    }

    private static IEnumerable<(string Name, Tensor Values)> Named(string prefix, Network network) =>
        network.NamedTensors().Select(tensor => ($"{prefix}.{tensor.Name}", tensor.Values));
}
