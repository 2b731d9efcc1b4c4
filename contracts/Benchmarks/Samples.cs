using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>Samples of a split, by number: on the host, which knows their labels and sizes, and on the
/// split's device, so that no batch has to be read back.</summary>
/// <param name="Numbers">Their numbers, on the host.</param>
/// <param name="Indices">[samples] int64 on the device.</param>
public sealed record Samples(ReadOnlyMemory<long> Numbers, Tensor Indices)
{
    /// <summary>The number of samples.</summary>
    public int Count => Numbers.Length;

    /// <summary>These samples, in this order.</summary>
    public static Samples Of(long[] numbers, Device device) => new(numbers, tensor(numbers).to(device));

    /// <summary>Consecutive samples.</summary>
    public static Samples Range(long first, long count, Device device) => Of([.. Enumerable.Range(0, (int)count).Select(i => first + i)], device);

    /// <summary>A consecutive part of these samples.</summary>
    public Samples Slice(int start, int count) => new(Numbers.Slice(start, count), Indices.narrow(0, start, count));
}
