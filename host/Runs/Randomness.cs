using System.Security.Cryptography;
using System.Text;

namespace KdMtlBench.Host.Runs;

/// <summary>Random sources that follow from the run's seed and a purpose, never from what was drawn before: a resumed
/// run, and runs in any order or side by side, draw the same numbers.</summary>
internal static class Randomness
{
    /// <summary>A seed for one purpose of one run.</summary>
    public static int Seed(int runSeed, string purpose, long index = 0) =>
        BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{runSeed}/{purpose}/{index}"))) & int.MaxValue;

    /// <summary>A source for one purpose of one run.</summary>
    public static Random Source(int runSeed, string purpose, long index = 0) => new(Seed(runSeed, purpose, index));

    /// <summary>0 … count − 1 in random order.</summary>
    public static long[] Permutation(int count, Random random)
    {
        var order = Enumerable.Range(0, count).Select(i => (long)i).ToArray();
        random.Shuffle(order);
        return order;
    }
}
