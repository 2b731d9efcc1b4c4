using KdMtlBench.Host.Benchmarks;
using KdMtlBench.Host.Models;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>What the network, and on demand the teachers, make of one batch.</summary>
internal sealed class ForwardPass
{
    private readonly RunContext _run;
    private readonly Features _features;
    private readonly IReadOnlyList<Tensor> _predictions;
    private readonly Dictionary<int, (Features Features, Tensor Prediction)> _taught = [];

    /// <param name="run">Whose network.</param>
    /// <param name="batch">What it is shown.</param>
    /// <param name="present">Positions of the tasks that are looked at, each with a label in the batch; all when left out.</param>
    public ForwardPass(RunContext run, Batch batch, IReadOnlyList<int>? present = null)
    {
        present ??= [.. run.Tasks.Select((_, task) => task)];
        _run = run;
        Batch = batch;
        Present = present;
        (_features, _predictions) = run.Network.Forward(batch, present);
        Losses = [.. present.Select((task, i) => run.Tasks[task].Loss(_predictions[i], batch.Targets[task]))];
    }

    public Batch Batch { get; }

    /// <summary>Positions, among the run's, of the tasks that are there; every other index of a task here is one into this list.</summary>
    public IReadOnlyList<int> Present { get; }

    /// <summary>The tasks' own losses, on the graph.</summary>
    public IReadOnlyList<Tensor> Losses { get; }

    /// <summary>What the heads work on; only for models that have such a thing.</summary>
    public Tensor Representation => _features.Representation
        ?? throw new InvalidOperationException($"the model `{_run.Spec.Model.Entry.Id}` has no single shared representation");

    public Tensor Prediction(int task) => _predictions[task];

    public Tensor Target(int task) => Batch.Targets[Present[task]];

    public Tensor SoftLoss(int task, Tensor target) => _run.Tasks[Present[task]].SoftLoss(Prediction(task), Target(task), target);

    public Tensor Features(string tap, int task) => InFull(Network.RowsOf(_features, Batch, Present[task]).Taps[tap]);

    public Tensor TeacherFeatures(string tap, int task) => InFull(Taught(task).Features.Taps[tap]);

    public Tensor TeacherPrediction(int task) => Taught(task).Prediction;

    /// <summary>A teacher's outputs, computed when they are first asked for.</summary>
    private (Features Features, Tensor Prediction) Taught(int task)
    {
        if (!_taught.TryGetValue(task, out var outputs))
            _taught[task] = outputs = _run.Teachers!.Forward(Present[task], Batch);
        return outputs;
    }

    /// <summary>In the type of the trained values.</summary>
    private Tensor InFull(Tensor features) => features.dtype == _run.Network.Flat.Dtype ? features : features.to(_run.Network.Flat.Dtype);
}
