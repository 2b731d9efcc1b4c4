using static TorchSharp.torch;

namespace KdMtlBench.Host.Runs;

/// <summary>A benchmark of whose training samples a share is used: the same ones for every strategy, single-task network and teacher, whatever
/// the seed, and a smaller share's among a larger one's.</summary>
internal sealed class FewerSamples(IBenchmark whole, double share) : BenchmarkView(whole)
{
    /// <exception cref="InputException">There is nothing to choose from.</exception>
    protected override BenchmarkData Narrow(BenchmarkData data, Device device)
    {
        if (Tasks.All(task => task.Kind == TaskKind.Objective))
            throw new InputException("train-share: this benchmark has objectives and no samples; leave the option out");
        using (NewDisposeScope())
            if (data.Train.Take(Samples.Of([0], device)).Rows is not null)
                throw new InputException("train-share: each task of this benchmark has images of its own; take fewer of them by the benchmark's options");
        return data with { Train = new Some(data.Train, share, device) };
    }

    private sealed class Some : Split
    {
        private readonly Split _all;
        private readonly long[] _numbers;
        private readonly Tensor _indices;

        public Some(Split all, double share, Device device)
        {
            _all = all;
            var count = Math.Max(1, (int)Math.Round(share * all.Count));
            _numbers = [.. Randomness.Permutation((int)all.Count, Randomness.Source(0, "train-share")).Take(count).Order()];
            _indices = tensor(_numbers).to(device).DetachFromDisposeScope();
        }

        public override long Count => _numbers.Length;

        public override bool HasLabel(long sample, int task) => _all.HasLabel(_numbers[sample], task);

        public override Batch Take(Samples samples) => _all.Take(Of(samples));

        public override Batch Draw(Samples samples, Random random) => _all.Draw(Of(samples), random);

        protected override void Dispose(bool disposing)
        {
            _indices.Dispose();
            _all.Dispose();
        }

        private Samples Of(Samples samples)
        {
            var numbers = new long[samples.Count];
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = _numbers[samples.Numbers.Span[i]];
            return new Samples(numbers, _indices.index_select(0, samples.Indices));
        }
    }
}
