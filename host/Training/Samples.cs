using static TorchSharp.torch;

namespace KdMtlBench.Host.Training;

/// <summary>Samples of a split, by number: on the host, where it is known which have which label, and on the device.</summary>
internal sealed record Samples(ReadOnlyMemory<long> Numbers, Tensor Indices)
{
    public static Samples Of(long[] numbers, Device device) => new(numbers, tensor(numbers).to(device));

    /// <summary>Samples that follow one another.</summary>
    public static Samples Range(long first, long count, Device device) => Of([.. Enumerable.Range(0, (int)count).Select(i => first + i)], device);

    /// <summary>Some of them that follow one another.</summary>
    public Samples Slice(int start, int count) => new(Numbers.Slice(start, count), Indices.narrow(0, start, count));
}
