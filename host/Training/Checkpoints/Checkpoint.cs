using System.Globalization;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Training.Networks;
using KdMtlBench.Host.Training.Strategies;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Checkpoints;

/// <summary>All that a run needs to go on from a step, as one file of tensors.</summary>
/// <remarks>Random numbers follow from the seed and the step, learning rates from the epoch: there is nothing to keep of
/// them. Numbers are tensors too: the curve [epochs, columns], the times of the steps, counts.</remarks>
/// <param name="run">As it is.</param>
/// <param name="optimizer">The network's.</param>
/// <param name="step">The step under way.</param>
/// <param name="progress">How far the run has come.</param>
/// <param name="log">What the steps of an epoch leave.</param>
/// <param name="average">Of the network's weights; null for none.</param>
/// <param name="startEpoch">Prepares optimisers and strategies for an epoch, from 0.</param>
internal sealed class Checkpoint(
    RunContext run, optim.Optimizer optimizer, TrainingStep step, TrainingProgress progress, EpochLog log, WeightAverage? average, Action<int> startEpoch)
{
    private const string IdentityKey = "identity-sha256";
    private const string EpochKey = "epoch";
    private const string StepsKey = "steps-into-epoch";
    private const string SelectedKey = "selected-epoch";
    private const string FailuresKey = "solver-failures";

    private readonly string[] _tasks = [.. run.Tasks.Select(task => task.Id)];
    private readonly string[] _weights = [.. run.WeightKeys];
    private readonly string[] _metrics = [.. run.Tasks.SelectMany(task => task.Metrics.Select(metric => new TaskMetric(task.Id, metric).Key))];

    /// <summary>Epochs that are over.</summary>
    public int Epoch => progress.Curve.Count;

    /// <summary>Steps of the next one that are done.</summary>
    public int StepsIntoEpoch => progress.StepsIntoEpoch;

    private int Columns => 2 * _tasks.Length + _weights.Length + _metrics.Length;

    /// <summary>Writes the run as it is now, between two steps.</summary>
    /// <param name="path">The file; written whole or not at all.</param>
    /// <param name="identity">Hash of all that determines the run.</param>
    public void Write(string path, string identity)
    {
        using var scope = NewDisposeScope();
        var selected = progress.Selected?.Epoch ?? 0;
        var numbers = new Numbers(
            tensor(progress.Curve.SelectMany(Row).ToArray()).view(Epoch, Columns),
            Received(),
            tensor(progress.StepMilliseconds.ToArray()),
            tensor(new[] { progress.Seconds }),
            tensor(new[] { step.BackwardPasses }),
            [.. Optimizers.Select(optimizer => tensor(OptimizerMemory.Steps(optimizer)))]);
        TensorFile.Write(
            path,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["run"] = run.Spec.Id,
                [IdentityKey] = identity,
                [EpochKey] = Text(Epoch),
                [StepsKey] = Text(StepsIntoEpoch),
                [SelectedKey] = Text(selected),
                [FailuresKey] = step.SolverFailures.Serialise(),
            },
            [
                .. Live(),
                .. Named("selected", IsKept(selected, Epoch, StepsIntoEpoch) ? progress.SelectedState : []),
                .. Named("epoch", StepsIntoEpoch > 0 ? [.. log.Buffers, tensor(log.Labels.ToArray())] : []),
                .. numbers.Named(),
            ]);
    }

    /// <summary>Puts the run into the state that a file holds.</summary>
    /// <exception cref="InvalidDataException">The file cannot be used, and nothing has been changed; the message goes after its name.</exception>
    public void Read(string path, string identity)
    {
        using var scope = NewDisposeScope();
        using var file = TensorFile.Open(path);
        if (file.Metadata.GetValueOrDefault(IdentityKey) != identity)
            throw new InvalidDataException("comes from other code, data, settings or another device");
        var (epochs, steps, selected) = (Number(file, EpochKey), Number(file, StepsKey), Number(file, SelectedKey));
        var numbers = new Numbers(
            zeros(epochs, Columns, dtype: ScalarType.Float64),
            zeros(run.Places, epochs, _tasks.Length, dtype: ScalarType.Float64),
            zeros(((long)epochs * run.StepsPerEpoch) + steps, dtype: ScalarType.Float64),
            zeros(1, dtype: ScalarType.Float64),
            zeros(1, dtype: ScalarType.Int64),
            [.. Optimizers.Select(optimizer => zeros(OptimizerMemory.Steps(optimizer).Length, dtype: ScalarType.Int64))]);
        using var noGradient = no_grad();
        var kept = IsKept(selected, epochs, steps);
        IReadOnlyList<Tensor> selectedState = kept ? [.. run.Network.StateTensors.Select(tensor => tensor.clone())] : [];
        var labels = zeros(run.StepsPerEpoch * _tasks.Length, dtype: ScalarType.Int64);
        IReadOnlyList<(string Name, Tensor Values)> all =
            [.. Live(), .. Named("selected", selectedState), .. Named("epoch", steps > 0 ? [.. log.Buffers, labels] : []), .. numbers.Named()];
        file.CopyTo(all);
        run.Network.Flat.ValuesChanged();

        var curve = Values(numbers.Curve).Chunk(Columns).Select(Record).ToList();
        var state = kept ? [.. selectedState.Select(tensor => tensor.DetachFromDisposeScope())] : selected > 0 ? run.Network.State() : [];
        progress.Restore(curve, selected > 0 ? curve[selected - 1] : null, state);
        progress.StepMilliseconds.AddRange(Values(numbers.StepMilliseconds));
        progress.Seconds = numbers.Seconds.item<double>();
        var counts = numbers.Counts.data<long>().ToArray();
        step.Restore(backwardPasses: counts[0]);
        step.SolverFailures.Restore(file.Metadata[FailuresKey]);
        foreach (var (one, made) in Optimizers.Zip(numbers.OptimizerSteps))
            OptimizerMemory.SetSteps(one, made.data<long>().ToArray());
        foreach (var (losses, received) in run.EpochLosses.Zip(Values(numbers.Received).Chunk(Math.Max(1, epochs * _tasks.Length))))
            losses.AddRange(received.Chunk(_tasks.Length));
        if (steps == 0)
            return;
        progress.StepsIntoEpoch = steps;
        startEpoch(epochs);
        file.CopyTo(all); // what the strategies have made of the epoch since it started
        log.Labels = labels.data<long>().ToArray();
    }

    /// <summary>Whether the selected network is another than the one that training goes on with.</summary>
    private bool IsKept(int selected, int epochs, int steps) => selected > 0 && (selected < epochs || steps > 0 || average is not null);

    private IEnumerable<optim.Optimizer> Optimizers => run.Setups.SelectMany(setup => setup.Optimizers).Prepend(optimizer);

    /// <summary>The tensors that training changes, themselves.</summary>
    private IEnumerable<(string Name, Tensor Values)> Live() =>
    [
        .. Named("network", run.Network.StateTensors),
        .. Named("average", average?.State ?? []),
        .. run.Setups.SelectMany((setup, i) => setup.State().Select(tensor => ($"strategy.{i}.{tensor.Name}", tensor.Values))),
        .. Optimizers.SelectMany((optimizer, i) => OptimizerMemory.Tensors(optimizer).Select(tensor => ($"optimizer.{i}.{tensor.Name}", tensor.Values))),
    ];

    private double[] Row(EpochRecord epoch) =>
    [
        .. _tasks.Select(task => epoch.TrainLosses[task]),
        .. _weights.Select(weight => epoch.Weights[weight]),
        .. _tasks.Select(task => epoch.ValidationLosses[task]),
        .. _metrics.Select(metric => epoch.Validation[metric]),
    ];

    private EpochRecord Record(double[] row, int epoch)
    {
        var rest = new Queue<double>(row);
        return new EpochRecord(epoch + 1, Next(_tasks), Next(_weights), Next(_tasks), Next(_metrics));

        Dictionary<string, double> Next(string[] keys) => keys.ToDictionary(key => key, _ => rest.Dequeue(), StringComparer.Ordinal);
    }

    /// <summary>[places, epochs, tasks] what <see cref="RunContext.EpochLosses"/> holds.</summary>
    private Tensor Received() => tensor(run.EpochLosses.SelectMany(place => place).SelectMany(epoch => epoch).ToArray()).view(run.Places, Epoch, _tasks.Length);

    private static IEnumerable<(string Name, Tensor Values)> Named(string prefix, IEnumerable<Tensor> tensors) =>
        tensors.Select((tensor, i) => ($"{prefix}.{i}", tensor));

    private static double[] Values(Tensor tensor) => tensor.numel() == 0 ? [] : tensor.data<double>().ToArray(); // which throws where there is none

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(TensorFile file, string key) => int.Parse(file.Metadata.GetValueOrDefault(key, "0"), CultureInfo.InvariantCulture);

    private sealed record Numbers(Tensor Curve, Tensor Received, Tensor StepMilliseconds, Tensor Seconds, Tensor Counts, IReadOnlyList<Tensor> OptimizerSteps)
    {
        public IEnumerable<(string Name, Tensor Values)> Named() =>
        [
            ("curve", Curve),
            ("received-losses", Received),
            ("step-milliseconds", StepMilliseconds),
            ("seconds", Seconds),
            ("counts", Counts),
            .. Checkpoint.Named("optimizer-steps", OptimizerSteps),
        ];
    }
}
