using static TorchSharp.torch;

namespace KdMtlBench.Contracts.Benchmarks;

/// <summary>One input of a network, as every batch of a benchmark holds it.</summary>
/// <param name="Name">kebab-case, unique in the benchmark: <c>image</c>.</param>
/// <param name="Shape">The shape of the whole tensor, with −1 for each axis whose length may differ from batch to batch. The first is
/// usually the batch axis, but need not be: the nodes of a batch of graphs are [−1, features], their edges [2, −1].</param>
public sealed record InputInfo(string Name, IReadOnlyList<long> Shape)
{
    /// <summary>The type of the tensor.</summary>
    public ScalarType Dtype { get; init; } = ScalarType.Float32;

    /// <summary>The input <c>image</c>, [batch, channels, height, width] float32.</summary>
    public static InputInfo Image(long channels, long height, long width) => new("image", [-1, channels, height, width]);

    /// <summary>The input <c>vector</c>, [batch, length] float32.</summary>
    public static InputInfo Vector(long length) => new("vector", [-1, length]);

    /// <summary>For messages: <c>image [-1, 3, 64, 96] of Float32</c>.</summary>
    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}] of {Dtype}";
}
