using KdMtlBench.Host.Runs;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Performance.Peers;

/// <summary>What strategies draw at random in the first steps of a run, from the sources that the run itself draws from.</summary>
internal static class PeerDraws
{
    /// <summary>The others in the order in which PCGrad and GradVac meet them, [steps, tasks, tasks − 1].</summary>
    public static Tensor Orders(int seed, int steps, int tasks) => Of(seed, steps, random => stack(Enumerable.Range(0, tasks).Select(task =>
    {
        long[] others = [.. Enumerable.Range(0, tasks).Where(other => other != task).Select(other => (long)other)];
        random.Shuffle(others);
        return tensor(others);
    })));

    /// <summary>The two uniform numbers that random loss weighting makes each task's normal one of, [steps, tasks, 2].</summary>
    public static Tensor Pairs(int seed, int steps, int tasks) => Of(seed, steps, random =>
        tensor(Enumerable.Range(0, 2 * tasks).Select(_ => random.NextDouble()).ToArray()).view(tasks, 2));

    /// <summary>GradDrop's U, [steps, values of the representation].</summary>
    public static Tensor Uniform(int seed, int steps, long values, Device device) => Of(seed, steps, random =>
    {
        using var generator = new Generator((ulong)random.NextInt64(), device);
        return rand(values, dtype: ScalarType.Float64, device: device, generator: generator);
    });

    private static Tensor Of(int seed, int steps, Func<Random, Tensor> draw) =>
        stack(Enumerable.Range(0, steps).Select(step => draw(Randomness.Source(seed, "step", step))));
}
