using static TorchSharp.torch;

namespace KdMtlBench.Host.Runs;

/// <summary>A benchmark of whose training labels a share is hidden: of each task others, by numbers that depend on the task's id alone,
/// so that every strategy, single-task network and teacher, whatever its seed, learns from the same ones.</summary>
internal sealed class FewerLabels(IBenchmark whole, double share) : BenchmarkView(whole)
{
    /// <exception cref="InputException">There is nothing that could be hidden.</exception>
    protected override BenchmarkData Narrow(BenchmarkData data, Device device)
    {
        if (Tasks.All(task => task.Kind == TaskKind.Objective))
            throw new InputException("hide-labels: this benchmark has objectives and no labels; leave the option out");
        using var scope = NewDisposeScope();
        if (data.Train.Take(Samples.Of([0], device)).Rows is not null)
            throw new InputException("hide-labels: each task of this benchmark has images of its own; take fewer of them by the benchmark's options");
        return data with { Train = new Hidden(data.Train, Tasks, share) };
    }

    private sealed class Hidden : Split
    {
        private readonly Split _all;
        private readonly bool[][] _hidden; // [tasks][samples]

        public Hidden(Split all, IReadOnlyList<LearningTask> tasks, double share)
        {
            _all = all;
            _hidden = [.. tasks.Select(task =>
            {
                var hidden = new bool[all.Count];
                var order = Randomness.Permutation((int)all.Count, Randomness.Source(0, $"hidden-labels {task.Id}"));
                foreach (var sample in order.Take((int)Math.Round(share * all.Count)))
                    hidden[sample] = true;
                return hidden;
            })];
        }

        public override long Count => _all.Count;

        public override bool HasLabel(long sample, int task) => !_hidden[task][sample] && _all.HasLabel(sample, task);

        public override Batch Take(Samples samples) => _all.Take(samples);

        public override Batch Draw(Samples samples, Random random) => _all.Draw(samples, random);

        protected override void Dispose(bool disposing) => _all.Dispose();
    }
}
