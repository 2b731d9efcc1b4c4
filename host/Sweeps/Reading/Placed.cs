using KdMtlBench.Host.Options;

namespace KdMtlBench.Host.Sweeps.Reading;

/// <summary>A piece of a sweep and where it was read from.</summary>
internal sealed record Placed<T>(T Value, Place Place);
