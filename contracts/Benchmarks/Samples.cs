using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>Samples of a split, by number: on the host, where it is known which have which label and how large each is, and on the
/// split's device, so that no batch has to be read back.</summary>
/// <param name="Numbers">On the host.</param>
/// <param name="Indices">[samples] int64 on the device.</param>
public sealed record Samples(ReadOnlyMemory<long> Numbers, Tensor Indices)
{
    /// <summary>How many.</summary>
    public int Count => Numbers.Length;

    /// <summary>These samples, in this order.</summary>
    public static Samples Of(long[] numbers, Device device) => new(numbers, tensor(numbers).to(device));

    /// <summary>Samples that follow one another.</summary>
    public static Samples Range(long first, long count, Device device) => Of([.. Enumerable.Range(0, (int)count).Select(i => first + i)], device);

    /// <summary>Some of them that follow one another.</summary>
    public Samples Slice(int start, int count) => new(Numbers.Slice(start, count), Indices.narrow(0, start, count));
}
