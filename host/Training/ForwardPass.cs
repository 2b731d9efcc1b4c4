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

    public ForwardPass(RunContext run, Batch batch)
    {
        _run = run;
        Batch = batch;
        (_features, _predictions) = run.Network.Forward(batch);
        Losses = [.. run.Tasks.Select((task, i) => task.Loss(_predictions[i], batch.Targets[i]))];
    }

    public Batch Batch { get; }

    /// <summary>The tasks' own losses, on the graph.</summary>
    public IReadOnlyList<Tensor> Losses { get; }

    /// <summary>What the heads work on; only for models that have such a thing.</summary>
    public Tensor Representation => _features.Representation
        ?? throw new InvalidOperationException($"the model `{_run.Spec.Model.Entry.Id}` has no single shared representation");

    public Tensor Prediction(int task) => _predictions[task];

    public Tensor SoftLoss(int task, Tensor target) => _run.Tasks[task].SoftLoss(Prediction(task), Batch.Targets[task], target);

    public Tensor Features(string tap, int task) => InFull(Network.RowsOf(_features, Batch, task).Taps[tap]);

    public Tensor TeacherFeatures(string tap, int task) => InFull(Taught(task).Features.Taps[tap]);

    public Tensor TeacherPrediction(int task) => Taught(task).Prediction;

    /// <summary>A teacher's outputs, computed when they are first asked for.</summary>
    private (Features Features, Tensor Prediction) Taught(int task)
    {
        if (!_taught.TryGetValue(task, out var outputs))
            _taught[task] = outputs = _run.Teachers!.Forward(task, Batch);
        return outputs;
    }

    /// <summary>In the type of the trained values.</summary>
    private Tensor InFull(Tensor features) => features.dtype == _run.Network.Flat.Dtype ? features : features.to(_run.Network.Flat.Dtype);
}
