using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Training.Strategies;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>Looks between two epochs at how the tasks' gradients at the shared parameters stand to each other, on the same
/// images each time, without augmentation.</summary>
/// <remarks>Of the bare losses, whatever the strategy makes of them. Nothing of the training changes: parameters and batch-norm
/// statistics stay, nothing random is drawn. It costs a forward pass and a backward pass a task, and [tasks, shared parameters] of memory.</remarks>
internal sealed class ConflictProbe(RunContext run)
{
    /// <summary>By pair of tasks, as <see cref="ConflictRecord.Cosines"/>.</summary>
    public IReadOnlyDictionary<string, double> Cosines()
    {
        using var scope = NewDisposeScope();
        var flat = run.Network.Flat;
        var batch = run.Take(run.Data.Train, Samples.Range(0, run.BatchSize, run.Device));
        run.Network.TrainMode(true);
        run.Network.KeepStatistics();
        var predictions = run.Network.Predict(batch);
        var rows = zeros(run.Tasks.Count, flat.SharedLength, dtype: flat.Dtype, device: run.Device);
        foreach (var (i, task) in run.Tasks.Index())
        {
            flat.Gradient.zero_();
            task.Loss(predictions[i], batch.Targets[i]).backward(retain_graph: true);
            flat.Collect();
            using var row = rows[i];
            row.copy_(flat.SharedGradient);
        }

        flat.Gradient.zero_();
        run.Network.RestoreStatistics();
        using var noGradient = no_grad();
        var products = GradientRows.Products(rows).to(ScalarType.Float64).cpu().data<double>().ToArray();
        var tasks = run.Tasks.Count;
        return (from i in Enumerable.Range(0, tasks)
                from j in Enumerable.Range(i + 1, tasks - i - 1)
                select (Pair: ConflictRecord.Pair(run.Tasks[i].Id, run.Tasks[j].Id), Cosine: products[i * tasks + j] / Math.Sqrt(products[i * tasks + i] * products[j * tasks + j])))
            .ToDictionary(pair => pair.Pair, pair => pair.Cosine, StringComparer.Ordinal);
    }
}
