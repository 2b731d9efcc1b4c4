using KdMtlBench.Host.Options;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Runs;

/// <summary>Some tasks of a benchmark, on the same samples in the same order as all of them.</summary>
internal sealed class FewerTasks : BenchmarkView
{
    private readonly IReadOnlyList<int> _chosen;

    /// <exception cref="InputException">There is no such task, or the choice is none.</exception>
    public FewerTasks(IBenchmark whole, IReadOnlyList<string> tasks)
        : base(whole)
    {
        string[] all = [.. whole.Tasks.Select(task => task.Id)];
        if (tasks.FirstOrDefault(task => !all.Contains(task)) is { } unknown)
            throw new InputException($"tasks: {Wording.Unknown($"task {Wording.Quote(unknown)}", unknown, all)}");
        _chosen = [.. Enumerable.Range(0, all.Length).Where(i => tasks.Contains(all[i]))];
        Tasks = [.. _chosen.Select(i => whole.Tasks[i])];
        if (!tasks.SequenceEqual(Tasks.Select(task => task.Id), StringComparer.Ordinal))
            throw new InputException($"tasks: name each once and in the benchmark's order, [{string.Join(", ", Tasks.Select(task => task.Id))}], which options with one entry a task follow");
        if (tasks.Count < 2 || tasks.Count == all.Length)
            throw new InputException(tasks.Count < 2 ? "tasks: name two or more; the single-task runs are made anyway" : "tasks: these are all there are; leave the option out");
    }

    public override IReadOnlyList<LearningTask> Tasks { get; }

    protected override BenchmarkData Narrow(BenchmarkData data, Device device) =>
        data with { Train = new Some(data.Train, _chosen), Validation = new Some(data.Validation, _chosen), Test = new Some(data.Test, _chosen) };

    private sealed class Some(Split all, IReadOnlyList<int> chosen) : Split
    {
        public override long Count => all.Count;

        public override bool HasLabel(long sample, int task) => all.HasLabel(sample, chosen[task]);

        public override Batch Take(Samples samples) => Of(all.Take(samples));

        public override Batch Draw(Samples samples, Random random) => Of(all.Draw(samples, random));

        protected override void Dispose(bool disposing) => all.Dispose();

        private Batch Of(Batch batch)
        {
            Tensor[] targets = [.. chosen.Select(task => batch.Targets[task])];
            if (batch.Rows is null)
                return batch with { Targets = targets };
            (long Start, long Count)[] own = [.. chosen.Select(task => batch.Rows[task])];
            var inputs = batch.Inputs.ToDictionary(
                input => input.Key, input => cat([.. own.Select(rows => input.Value.narrow(0, rows.Start, rows.Count))]), StringComparer.Ordinal);
            var start = 0L;
            return new Batch(inputs, own.Sum(rows => rows.Count), targets, [.. own.Select(rows => ((start += rows.Count) - rows.Count, rows.Count))]);
        }
    }
}
