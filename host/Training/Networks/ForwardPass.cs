using static TorchSharp.torch;

namespace KdMtlBench.Host.Training.Networks;

/// <summary>What the network, and on demand the teachers, make of one batch.</summary>
internal sealed class ForwardPass
{
    private readonly RunContext _run;
    private readonly NetworkOutputs _outputs;
    private readonly Dictionary<int, TaskOutput> _taught = [];

    /// <param name="run">Whose network.</param>
    /// <param name="batch">What it is shown.</param>
    /// <param name="present">Positions of the tasks that are looked at, each with a label in the batch; all when left out.</param>
    public ForwardPass(RunContext run, Batch batch, IReadOnlyList<int>? present = null)
    {
        present ??= [.. run.Tasks.Select((_, task) => task)];
        _run = run;
        Batch = batch;
        Present = present;
        if (run.Spec.Training.Accumulate == 1)
            _outputs = run.Network.Forward(batch, present);
        else
            (_outputs, InParts) = run.Network.Forward(batch, present, run.Spec.Training.Accumulate);
        Losses = [.. present.Select((task, i) => run.Tasks[task].Loss(Prediction(i), batch.Targets[task]))];
    }

    public Batch Batch { get; }

    /// <summary>The parts that the pass was made in; null where it was made at once.</summary>
    public PassInParts? InParts { get; }

    /// <summary>Positions, among the run's, of the tasks that are there; every other index of a task here is one into this list.</summary>
    public IReadOnlyList<int> Present { get; }

    /// <summary>The tasks' own losses, on the graph.</summary>
    public IReadOnlyList<Tensor> Losses { get; }

    /// <summary>What every prediction is made from; only for models that have such a thing.</summary>
    public Tensor Representation => _outputs.Representation
        ?? throw new InvalidOperationException($"the model `{_run.Spec.Model.Entry.Id}` has no single shared representation");

    /// <summary>What a task's last layers work on; only for models that have such a thing.</summary>
    public Tensor TaskRepresentation(int task) => InFull(_outputs.Tasks[task].Representation!);

    public Tensor Prediction(int task) => _outputs.Tasks[task].Prediction;

    public Tensor Target(int task) => Batch.Targets[Present[task]];

    public Tensor SoftLoss(int task, Tensor target) => _run.Tasks[Present[task]].SoftLoss(Prediction(task), Target(task), target);

    /// <summary>The tasks' own losses of a part of the samples.</summary>
    public IReadOnlyList<Tensor> PartialLosses(int part, int parts) => [.. Present.Select((task, i) =>
    {
        var (prediction, target) = (Prediction(i), Target(i));
        var (start, end) = (part * prediction.shape[0] / parts, (part + 1) * prediction.shape[0] / parts);
        if (start == end)
            throw new InvalidOperationException($"{prediction.shape[0]} samples of the task `{_run.Tasks[task].Id}` do not make {parts} parts");
        return _run.Tasks[task].Loss(prediction.narrow(0, start, end - start), target.narrow(0, start, end - start));
    })];

    public Tensor Features(string tap, int task) => InFull(_outputs.Tasks[task].Taps[tap]);

    public Tensor TeacherFeatures(string tap, int task) => InFull(Taught(task).Taps[tap]);

    public Tensor TeacherPrediction(int task) => Taught(task).Prediction;

    /// <summary>A teacher's outputs, computed when they are first asked for.</summary>
    private TaskOutput Taught(int task)
    {
        if (!_taught.TryGetValue(task, out var outputs))
            _taught[task] = outputs = _run.Teachers!.Forward(Present[task], Batch);
        return outputs;
    }

    /// <summary>In the type of the trained values.</summary>
    private Tensor InFull(Tensor features) => features.dtype == _run.Network.Flat.Dtype ? features : features.to(_run.Network.Flat.Dtype);
}
