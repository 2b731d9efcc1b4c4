using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Sweeps.TensorBoard;

/// <summary>Writes each run's epochs into an event file beside its curve, for <c>tensorboard --logdir results/NAME/runs</c>.</summary>
/// <param name="runs">The sweep's.</param>
/// <param name="store">Where their curves are.</param>
/// <param name="observer">Told of everything afterwards.</param>
/// <remarks>
/// Everything comes from the curves; nothing is asked of the training. A file grows by an epoch at a time, since
/// TensorBoard follows growing files; that of a run which is kept or goes on is made again from its curve, and those
/// epochs all bear the curve's time. The step is the epoch.
/// </remarks>
internal sealed class EventFiles(IReadOnlyList<RunSpec> runs, RunStore store, ISweepObserver observer) : ISweepObserver
{
    public void Started(IReadOnlyList<RunSpec> pending, IReadOnlyList<RunRecord> kept)
    {
        var ids = kept.Select(record => record.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var run in runs.Where(run => ids.Contains(run.Id)))
            WriteAgain(run);
        observer.Started(pending, kept);
    }

    public void RunStarted(RunSpec run, Func<double> epochs) => observer.RunStarted(run, epochs);

    public void Resumed(RunSpec run, double epochs)
    {
        WriteAgain(run);
        observer.Resumed(run, epochs);
    }

    public void EpochDone(RunSpec run, EpochRecord epoch)
    {
        Write(run, [epoch], DateTimeOffset.UtcNow, anew: epoch.Epoch == 1);
        observer.EpochDone(run, epoch);
    }

    public void RunFinished(RunSpec run, RunRecord record) => observer.RunFinished(run, record);

    public void Message(string text) => observer.Message(text);

    private void WriteAgain(RunSpec run) => Write(run, store.ReadCurve(run.Id), new DateTimeOffset(File.GetLastWriteTimeUtc(store.CurvePath(run.Id))), anew: true);

    private void Write(RunSpec run, IReadOnlyList<EpochRecord> epochs, DateTimeOffset time, bool anew)
    {
        var path = Path.Combine(store.Folder(run.Id), EventFile.Name);
        try
        {
            using var stream = new FileStream(path, anew ? FileMode.Create : FileMode.Append);
            if (anew)
                stream.Write(EventFile.Start(time));
            foreach (var epoch in epochs)
                stream.Write(EventFile.Scalars(time, epoch.Epoch, Scalars(run, epoch)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>TensorBoard puts tags that agree up to the first slash into one group.</summary>
    private IEnumerable<(string Tag, double Value)> Scalars(RunSpec run, EpochRecord epoch) =>
    [
        ("learning-rate", run.Training.LearningRateAt(epoch.Epoch - 1, ErrorsOf(run))),
        .. Group("train-loss", epoch.TrainLosses),
        .. Group("weight", epoch.Weights),
        .. Group("validation-loss", epoch.ValidationLosses),
        .. Group("validation", epoch.Validation),
    ];

    /// <summary>Of the epochs that are over; a plateau is found in them.</summary>
    private IReadOnlyList<double> ErrorsOf(RunSpec run)
    {
        if (run.Training.Schedule != Schedule.Plateau)
            return [];
        var metrics = ValidationError.MetricsOf(run.Benchmark.CreateBenchmark().Tasks.Where(task => run.SingleTask is null || task.Id == run.SingleTask));
        return [.. store.ReadCurve(run.Id).Select(epoch => ValidationError.Of(metrics, epoch.Validation))];
    }

    private static IEnumerable<(string Tag, double Value)> Group(string name, IReadOnlyDictionary<string, double> values) =>
        values.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => ($"{name}/{value.Key}", value.Value));
}
