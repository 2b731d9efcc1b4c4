using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Pictures;

/// <summary>Makes the three splits of a benchmark with a truth for every pixel.</summary>
internal static class DenseData
{
    /// <summary>Decodes the source and holds some of its training pictures back for validation.</summary>
    /// <param name="source">The files.</param>
    /// <param name="validation">How many are held back, drawn by the seed; with 0 the training pictures themselves are the
    /// validation split, unchanged.</param>
    /// <param name="seed">Of the held-back pictures.</param>
    /// <param name="augment">Training pictures are changed at random.</param>
    /// <param name="context">Where to, and whom to tell.</param>
    public static BenchmarkData Load(PictureSource source, int validation, int seed, bool augment, DataContext context)
    {
        if (validation >= source.Train.Count)
            throw new InputException($"{source.Name}: validation holds {validation} pictures back, but there are {source.Train.Count} to learn from; hold back fewer");
        context.Report($"reading {source.Description}");
        var sha256 = source.Sha256(context.Cancellation);
        var order = source.Train.ToArray();
        new Random(BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} held back")))).Shuffle(order);
        var train = order[validation..].Order().ToList();
        var heldBack = validation == 0 ? train : order[..validation].Order().ToList();
        using var scope = NewDisposeScope();
        var pictures = DecodedPictures.Load(source, sha256, context);
        return new BenchmarkData(
            new DenseSplit(pictures, train, context.Device, augment),
            new DenseSplit(pictures, heldBack, context.Device, augmented: false),
            new DenseSplit(pictures, source.Test, context.Device, augmented: false),
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{sha256} {validation} {seed} {augment}"))))
        {
            Description = source.Description,
        };
    }
}
