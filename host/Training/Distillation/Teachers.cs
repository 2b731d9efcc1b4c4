using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training.Networks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Distillation;

/// <summary>The frozen networks that one run learns from: of each task, the single-task run of the same sweep with the
/// same seed, at its selected epoch.</summary>
internal sealed class Teachers : IDisposable
{
    private readonly IReadOnlyList<Network> _networks;
    private readonly bool _trainMode;

    /// <param name="networks">One a task, in the benchmark's order; taken over.</param>
    /// <param name="trainMode">Batch norm from each batch's own statistics instead of the learnt ones.</param>
    /// <param name="trainSeconds">What training all of them took.</param>
    public Teachers(IReadOnlyList<Network> networks, bool trainMode, double trainSeconds)
    {
        (_networks, _trainMode, TrainSeconds) = (networks, trainMode, trainSeconds);
        foreach (var network in networks)
            network.TrainMode(trainMode);
    }

    /// <summary>Training of the teachers, wall clock, whenever it was.</summary>
    public double TrainSeconds { get; }

    /// <summary>[task] the validation metrics of their runs, at the selected epoch; empty where that is not known.</summary>
    public IReadOnlyList<IReadOnlyList<MetricValue>> Validation { get; init; } = [];

    public static bool NeededBy(RunSpec run) => run.Requirements.HasFlag(StrategyRequirements.Teachers);

    /// <summary>The runs that end with the networks that this run learns from.</summary>
    public static IReadOnlyList<RunSpec> RunsFor(RunSpec run, IBenchmark benchmark) =>
        [.. benchmark.Tasks.Select(task => run.SingleTaskRun(task.Id))];

    /// <summary>The ids of these, without data; none where a run needs no teachers.</summary>
    public static IReadOnlyList<string> IdsFor(RunSpec run) =>
        NeededBy(run) ? [.. RunsFor(run, run.Benchmark.CreateBenchmark()).Select(teacher => teacher.Id)] : [];

    /// <summary>Whether a run ends with a network that <paramref name="student"/> learns from.</summary>
    public static bool Teaches(RunSpec run, RunSpec student) =>
        run.SingleTask is not null && NeededBy(student) && run.Id == student.SingleTaskRun(run.SingleTask).Id;

    /// <summary>Networks that nothing has trained, for what does not depend on what they know.</summary>
    public static Teachers Untrained(RunSpec run, IBenchmark benchmark, Device device) => new(
        [.. benchmark.Tasks.Select(task => Network.Of(run, benchmark.Inputs, [task], device))],
        run.Requirements.HasFlag(StrategyRequirements.TeachersInTrainMode),
        trainSeconds: 0);

    /// <summary>Reads a run's teachers.</summary>
    /// <param name="run">That learns from them.</param>
    /// <param name="benchmark">The run's.</param>
    /// <param name="validation">[task] the validation metrics of the teachers' runs.</param>
    /// <param name="store">Where their networks are.</param>
    /// <param name="dataSha256">Of the data they were trained on.</param>
    /// <param name="device">Where they are to be.</param>
    /// <exception cref="InputException">One of them is not there.</exception>
    public static Teachers Load(
        RunSpec run, IBenchmark benchmark, IReadOnlyList<IReadOnlyList<MetricValue>> validation, TeacherStore store, string dataSha256, Device device)
    {
        var networks = new List<Network>();
        try
        {
            var seconds = 0.0;
            foreach (var (baseline, task) in RunsFor(run, benchmark).Zip(benchmark.Tasks))
            {
                var network = Network.Of(run, benchmark.Inputs, [task], device);
                networks.Add(network);
                seconds += store.Load(baseline, TeacherStore.Identity(baseline, dataSha256, device), network);
            }

            return new Teachers(networks, run.Requirements.HasFlag(StrategyRequirements.TeachersInTrainMode), seconds) { Validation = validation };
        }
        catch
        {
            networks.ForEach(network => network.Dispose());
            throw;
        }
    }

    /// <summary>What a task's teacher makes of that task's samples; without a graph, and the teacher stays as it is.</summary>
    public TaskOutput Forward(int task, Batch batch)
    {
        using var noGradient = no_grad();
        var network = _networks[task];
        if (_trainMode)
            network.KeepStatistics();
        var outputs = network.Forward(batch.Only(task));
        network.RestoreStatistics();
        return outputs.Tasks[0];
    }

    public void Dispose()
    {
        foreach (var network in _networks)
            network.Dispose();
    }
}
