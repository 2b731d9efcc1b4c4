using System.Numerics;

namespace KdMtlBench.Host.Benchmarks.Scenes;

/// <summary>One sample's own random numbers (SplitMix64: Steele, Lea &amp; Flood, OOPSLA 2014), so that a sample does not
/// depend on which others are made, in which order, or on how many threads.</summary>
internal sealed class SceneRandom(int seed, int split, long sample)
{
    private ulong _state = Mix(Mix(Mix((ulong)seed) + (ulong)split) + (ulong)sample);

    /// <summary>Uniform in [0, 1).</summary>
    public float Uniform() => (Next() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [low, high).</summary>
    public float Uniform(float low, float high) => low + (high - low) * Uniform();

    /// <summary>Uniform in [0, count).</summary>
    public int Integer(int count) => (int)(Next() % (ulong)count);

    public bool Chance(float probability) => Uniform() < probability;

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Integer(choices.Count)];

    /// <summary>Each coordinate uniform in [low, high).</summary>
    public Vector3 Vector(float low, float high) => new(Uniform(low, high), Uniform(low, high), Uniform(low, high));

    /// <summary>Standard normal (Box and Muller).</summary>
    public float Normal() =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform()));

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
