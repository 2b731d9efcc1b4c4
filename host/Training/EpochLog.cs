using KdMtlBench.Host.Training.Strategies;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>The losses and weights of an epoch's steps, on the device; read when the epoch is over.</summary>
/// <remarks>For each place in the list of strategies the losses that were received there, and the weights that were recorded.</remarks>
internal sealed class EpochLog : IDisposable
{
    private readonly RunContext _run;
    private readonly Tensor[] _losses;
    private readonly Tensor[] _weights;
    private readonly long[][] _labels; // [steps][tasks] samples with a label
    private int _step;

    public EpochLog(RunContext run)
    {
        _run = run;
        Tensor[] Ones() => [.. Enumerable.Range(0, run.Places).Select(_ =>
            ones(run.StepsPerEpoch, run.Tasks.Count, dtype: run.Network.Flat.Dtype, device: run.Device).DetachFromDisposeScope())];
        (_losses, _weights) = (Ones(), Ones());
        _labels = [.. Enumerable.Range(0, run.StepsPerEpoch).Select(_ => new long[run.Tasks.Count])];
    }

    /// <summary>[tasks of the step] int64, positions of the tasks of the step under way; null where all are there.</summary>
    public Tensor? Present { get; private set; }

    /// <summary>[tasks] the tasks' own losses of a step of the epoch under way.</summary>
    public Tensor LossesOf(int step) => _losses[0][step];

    /// <summary>An epoch begins: weights that nobody records are 1.</summary>
    public void StartEpoch()
    {
        using var noGradient = no_grad();
        foreach (var weights in _weights)
            weights.fill_(1);
    }

    /// <summary>[steps, tasks] what the steps of the epoch so far have left, in place.</summary>
    public IEnumerable<Tensor> Buffers => _losses.Concat(_weights);

    /// <summary>[steps · tasks] samples with a label.</summary>
    public IReadOnlyList<long> Labels
    {
        get => [.. _labels.SelectMany(labels => labels)];
        set
        {
            foreach (var (step, labels) in value.Chunk(_run.Tasks.Count).Index())
                _labels[step] = labels;
        }
    }

    /// <summary>A step of the epoch begins.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="labels">[tasks] samples of the batch with a label; a task without any is absent, and nothing is recorded of it.</param>
    public void Begin(int step, long[] labels)
    {
        (_step, _labels[step]) = (step, labels);
        long[] present = [.. Enumerable.Range(0, labels.Length).Where(task => labels[task] > 0).Select(task => (long)task)];
        Present = present.Length == labels.Length ? null : tensor(present).to(_run.Device);
    }

    public void RecordLosses(int place, IReadOnlyList<Tensor> losses) => Write(_losses[place], stack(losses));

    public void RecordWeights(int place, Tensor weights) => Write(_weights[place], weights);

    /// <summary>Means of the losses received at each place, [place][task], over the samples with a label, and of the weights recorded there.</summary>
    /// <param name="epoch">That is over, from 0.</param>
    /// <exception cref="DivergedException">A loss is not finite, or negative where it must not be, or a weight is not finite: the first of these.</exception>
    public (IReadOnlyList<IReadOnlyList<double>> Losses, IReadOnlyList<IReadOnlyList<double>> Weights) Read(int epoch)
    {
        double[][] losses = [.. _losses.Select(ToHost)];
        double[][] weights = [.. _weights.Select(ToHost)];
        var troubles = Enumerable.Range(0, _run.Places).SelectMany(place => Troubles(place, losses, weights[place])).ToList();
        if (troubles.Count > 0)
        {
            var (step, what) = troubles.MinBy(trouble => trouble.Step); // of the same step the first, which is the earlier cause
            throw new DivergedException($"{what} from step {(long)epoch * _run.StepsPerEpoch + step} on (epoch {epoch + 1})") { NamesStep = true };
        }

        return ([.. losses.Select(values => ByTask(values, MeanOverSamples))], [.. weights.Select(values => ByTask(values, MeanAsAccumulated))]);
    }

    /// <summary>Notes the losses of the epoch that counted as <see cref="PositiveLosses.Smallest"/>.</summary>
    public void CountSmallLosses(SolverFailures failures)
    {
        for (var place = 0; place < _run.Strategies.Count; place++)
            if (NeedsPositive(place) && ToHost(_losses[place]).Where((loss, i) => IsPresent(i) && loss < PositiveLosses.Smallest).LongCount() is > 0 and var small)
                failures.Add(_run.StrategyId(place), $"a loss below {PositiveLosses.Smallest:g1} counted as that", times: small);
    }

    public void Dispose()
    {
        foreach (var buffer in _losses.Concat(_weights))
            buffer.Dispose();
    }

    private bool NeedsPositive(int place) => place < _run.Strategies.Count && _run.Strategies[place].Requirements.HasFlag(StrategyRequirements.PositiveLosses);

    /// <summary>What went wrong first at a place, in the order of cause and effect.</summary>
    private IEnumerable<(int Step, string What)> Troubles(int place, double[][] losses, double[] weights)
    {
        if (First(losses[place], value => !double.IsFinite(value)) is { } loss)
            yield return (loss.Step, $"the loss of task `{loss.Task}`{(place == 0 ? "" : $" as `{_run.StrategyId(place - 1)}` returns it")} is {loss.Value}");
        if (NeedsPositive(place) && First(losses[place], value => value < 0) is { } negative)
            yield return (negative.Step, $"the loss of task `{negative.Task}` is negative ({negative.Value:g4}), and `{_run.StrategyId(place)}` needs positive losses:");
        if (First(weights, value => !double.IsFinite(value)) is { } weight)
            yield return (weight.Step, $"the strategy `{_run.StrategyId(place)}` gives task `{weight.Task}` the weight {weight.Value}");
    }

    private (int Step, string Task, double Value)? First(double[] values, Predicate<double> wrong)
    {
        var tasks = _run.Tasks.Count;
        var at = Enumerable.Range(0, values.Length).FirstOrDefault(i => IsPresent(i) && wrong(values[i]), -1);
        return at < 0 ? null : (at / tasks, _run.Tasks[at % tasks].Id, values[at]);
    }

    /// <summary>Whether the task of an entry of a buffer, [steps, tasks], was there in its step.</summary>
    private bool IsPresent(int i) => _labels[i / _run.Tasks.Count][i % _run.Tasks.Count] > 0;

    private double[] ByTask(double[] values, Func<IReadOnlyList<(double Value, long Labels)>, double> mean)
    {
        var tasks = _run.Tasks.Count;
        return [.. Enumerable.Range(0, tasks).Select(task => mean(
            [.. _labels.Select((labels, step) => (values[step * tasks + task], labels[task])).Where(entry => entry.Item2 > 0)]))];
    }

    private static double MeanOverSamples(IReadOnlyList<(double Value, long Labels)> losses) => losses.All(loss => loss.Labels == losses[0].Labels)
        ? losses.Average(loss => loss.Value) // the same to the last bit as before labels could be missing
        : losses.Sum(loss => loss.Value * loss.Labels) / losses.Sum(loss => loss.Labels);

    /// <summary>Summed step by step in the run's precision, so that curves do not depend on how a sum is split.</summary>
    private double MeanAsAccumulated(IReadOnlyList<(double Value, long Labels)> weights) => _run.Network.Flat.Dtype == ScalarType.Float64
        ? weights.Aggregate(0.0, (sum, weight) => sum + weight.Value) / weights.Count
        : weights.Aggregate(0f, (sum, weight) => sum + (float)weight.Value) / weights.Count;

    private void Write(Tensor buffer, Tensor values)
    {
        using var noGradient = no_grad();
        using var row = buffer[_step];
        if (Present is null)
            row.copy_(values);
        else
            row.index_copy_(0, Present, values.to(row.dtype));
    }

    private static double[] ToHost(Tensor buffer)
    {
        using var scope = NewDisposeScope();
        return [.. buffer.to(ScalarType.Float64).cpu().data<double>()];
    }
}
