namespace KdMtlBench.Tests.Formats;

/// <summary>Damages files at random and looks at what a reader makes of them.</summary>
internal static class Damage
{
    /// <summary>How often each reader was tried: all readers together take well under a minute.</summary>
    public const int Files = 2500;

    private const long MostAllocated = 16L << 20;

    /// <summary>Reads many damaged copies of a good file: each must give data that <paramref name="check"/> accepts, or an
    /// <see cref="InputException"/> that names the file; without more memory than files of such a size can ask for.</summary>
    /// <returns>How many were accepted and refused.</returns>
    public static (int Accepted, int Refused) Try(string path, byte[] good, int seed, Action<byte[]> check, long mostAllocated = MostAllocated)
    {
        var random = new Random(seed);
        var (accepted, refused) = (0, 0);
        for (var i = 0; i < Files; i++)
        {
            var damaged = Apply(good, random);
            File.WriteAllBytes(path, damaged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                check(damaged);
                accepted++;
            }
            catch (InputException e)
            {
                e.Message.ShouldStartWith(path, customMessage: $"file {i} of seed {seed}");
                refused++;
            }
            catch (Exception e) when (e is not ShouldAssertException)
            {
                throw new InvalidOperationException($"file {i} of seed {seed}: {e.GetType().Name} {e.Message}", e);
            }

            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(mostAllocated, $"file {i} of seed {seed}");
        }

        return (accepted, refused);
    }

    /// <summary>One to three bytes changed, inserted or removed, a number made huge, or the end cut off.</summary>
    private static byte[] Apply(byte[] good, Random random)
    {
        var bytes = good.ToList();
        for (var i = random.Next(1, 4); i > 0 && bytes.Count > 8; i--)
        {
            // Headers decide most; so half of the damage goes there.
            var at = random.Next(random.Next(2) == 0 ? Math.Min(256, bytes.Count) : bytes.Count);
            switch (random.Next(8))
            {
                case 0: bytes.Insert(at, (byte)random.Next(256)); break;
                case 1: bytes.RemoveAt(at); break;
                case 2: bytes.RemoveRange(at, bytes.Count - at); break;
                case 3: Fill(at, 0xff); break;
                case 4: Fill(at, 0); break;
                case 5: bytes[at] = (byte)random.Next(256); break;
                default: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            }
        }

        return [.. bytes];

        void Fill(int at, byte value)
        {
            for (var i = at; i < Math.Min(at + 4, bytes.Count); i++)
                bytes[i] = value;
        }
    }
}
