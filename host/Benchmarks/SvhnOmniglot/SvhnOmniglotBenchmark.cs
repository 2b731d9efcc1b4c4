using System.Buffers.Binary;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Host.Benchmarks.MultiMnist;
using KdMtlBench.Host.Benchmarks.Pictures;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.SvhnOmniglot;

/// <summary>Digits and handwritten characters, two tasks with pictures of their own and one network: few classes with
/// thousands of pictures each beside many classes with twenty.</summary>
/// <remarks>
/// Li &amp; Bilen, ECCV 2020 workshops, and the authors' later code: pictures are resized to 72×72 and cut to 64×64, at
/// random to learn from; a batch holds as many pictures of each task. Each character's 20 drawings are divided by drawer:
/// of an alphabet's drawers, in an order drawn by the seed, 11 are learnt from, 4 are for validation and 5 for the test, the
/// numbers of Rebuffi et al., NeurIPS 2017. One sixth of the digits' training pictures, drawn by the seed, is held back for
/// validation. MNIST or Fashion-MNIST can stand for SVHN; with these all pictures are grey and have one channel.
/// </remarks>
[Benchmark("svhn-omniglot", Title = "SVHN and Omniglot", Paper = "Li & Bilen, ECCV workshops 2020; SVHN: Netzer et al. 2011; Omniglot: Lake et al. 2015")]
public sealed class SvhnOmniglotBenchmark(SvhnOmniglotOptions options) : IBenchmark, INeedsData
{
    private const int DigitClasses = 10;
    private const int HeldBack = 6;
    private const int TrainDrawers = 11;
    private const int ValidationDrawers = 4;

    private enum Part
    {
        Train,
        Validation,
        Test,
    }

    public IReadOnlyList<LearningTask> Tasks { get; } =
        [new Classification("digits", DigitClasses), new Classification("characters", options.Characters)];

    public IReadOnlyList<InputInfo> Inputs { get; } = [InputInfo.Image(Channels(options.Digits), options.Size, options.Size)];

    public IReadOnlyList<DataNeed> Data { get; } =
    [
        SvhnDigits.Need,
        OmniglotDrawings.Need,
        DigitSet.Need(DigitSource.Mnist) with { Under = "digits: mnist" },
        DigitSet.Need(DigitSource.FashionMnist) with { Under = "digits: fashion-mnist" },
    ];

    public BenchmarkData Load(DataContext context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(options.ToString()));
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('|', options.Alphabets)));
        using var scope = NewDisposeScope();
        var digits = ReadDigits(context, hash);
        context.Cancellation.ThrowIfCancellationRequested();
        var characters = ReadCharacters(context, hash);
        return new BenchmarkData(Split(Part.Train), Split(Part.Validation), Split(Part.Test), Convert.ToHexStringLower(hash.GetHashAndReset()));

        OwnImagesSplit Split(Part part) => new(
            [digits[part].KeptOn(context.Device), characters[part].KeptOn(context.Device)],
            Channels(options.Digits), options.Size, Margin, augmented: part == Part.Train && options.Augment);
    }

    /// <summary>72 − 64 pixels at the published size.</summary>
    private int Margin => options.Size / 8;

    private static int Channels(DigitPictures digits) => digits == DigitPictures.Svhn ? 3 : 1;

    private Dictionary<Part, ClassifiedPictures> ReadDigits(DataContext context, IncrementalHash hash)
    {
        var (train, test) = options.Digits == DigitPictures.Svhn ? ReadSvhn(context) : ReadIdx(context);
        foreach (var set in new[] { train, test })
        {
            hash.AppendData(set.Pixels);
            hash.AppendData(set.Labels);
        }

        var order = Order("held back", train.Labels.Length);
        var validation = order.Length / HeldBack;
        return new()
        {
            [Part.Train] = Select(train, order[validation..], options.TrainDigits, "train-digits"),
            [Part.Validation] = Select(train, order[..validation], options.ValidationDigits, "validation-digits"),
            [Part.Test] = Select(test, Order("test", test.Labels.Length), options.TestDigits, "test-digits"),
        };
    }

    private static (Digits Train, Digits Test) ReadSvhn(DataContext context)
    {
        var paths = DataRoot.Locate(context.DataRoot, SvhnDigits.Files);
        context.Report($"reading {paths[0]} and {Path.GetFileName(paths[1])}");
        var sets = paths.Select(SvhnDigits.Read).Select(set => new Digits(set.Pixels, set.Labels, 3, SvhnDigits.Side)).ToList();
        return (sets[0], sets[1]);
    }

    private (Digits Train, Digits Test) ReadIdx(DataContext context)
    {
        var set = DigitSet.Read(context.DataRoot, options.Digits == DigitPictures.Mnist ? DigitSource.Mnist : DigitSource.FashionMnist);
        return (Of(set.Train), Of(set.Test));

        static Digits Of(LabelledImages images) => new(images.Pixels, images.Labels, 1, LabelledImages.Side);
    }

    private ClassifiedPictures Select(Digits digits, int[] pool, int? count, string option)
    {
        if (pool.Length == 0 || count > pool.Length)
            throw new InputException($"svhn-omniglot: {option} asks for {count ?? 1} pictures, but {options.Digits} has {pool.Length}; ask for fewer");
        var chosen = pool[..(count ?? pool.Length)];
        var length = digits.Channels * digits.Side * digits.Side;
        return new ClassifiedPictures(
            Stored(chosen.Length, i => digits.Pixels.AsMemory(chosen[i] * length, length), digits.Channels, digits.Side),
            tensor(Array.ConvertAll(chosen, i => (long)digits.Labels[i])));
    }

    private Dictionary<Part, ClassifiedPictures> ReadCharacters(DataContext context, IncrementalHash hash)
    {
        var drawings = OmniglotDrawings.Read(OmniglotDrawings.Zips(context.DataRoot), options.Alphabets, context.Cancellation);
        foreach (var drawing in drawings)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{drawing.Alphabet}/{drawing.Character}/{drawing.Drawer}"));
            hash.AppendData(drawing.Pixels);
        }

        var classes = drawings.Select(drawing => (drawing.Alphabet, drawing.Character)).Distinct()
            .Select((character, i) => (character, i)).ToDictionary(pair => pair.character, pair => (long)pair.i);
        if (classes.Count != options.Characters)
        {
            throw new InputException($"svhn-omniglot: {classes.Count} characters of {drawings.DistinctBy(drawing => drawing.Alphabet).Count()} alphabets were found, "
                + $"but the option characters says {options.Characters}; set it to {classes.Count}, or get the missing alphabets");
        }

        var parts = drawings.Select(drawing => drawing.Alphabet).Distinct().ToDictionary(alphabet => alphabet, PartsOfDrawers, StringComparer.Ordinal);
        return drawings.GroupBy(drawing => parts[drawing.Alphabet][drawing.Drawer - 1]).ToDictionary(part => part.Key, part => part.ToList()).ToDictionary(
            part => part.Key,
            part => new ClassifiedPictures(
                Stored(part.Value.Count, i => part.Value[i].Pixels, 1, OmniglotDrawings.Side),
                tensor(part.Value.Select(drawing => classes[(drawing.Alphabet, drawing.Character)]).ToArray())));
    }

    /// <summary>Where each drawer of an alphabet belongs.</summary>
    private Part[] PartsOfDrawers(string alphabet)
    {
        var parts = new Part[OmniglotDrawings.Drawers];
        var order = Order("drawers of " + alphabet, OmniglotDrawings.Drawers);
        for (var i = 0; i < order.Length; i++)
            parts[order[i]] = i < TrainDrawers ? Part.Train : i < TrainDrawers + ValidationDrawers ? Part.Validation : Part.Test;
        return parts;
    }

    /// <summary>[count, channels, side, side] uint8. Larger pictures are made smaller here, once; smaller ones are enlarged
    /// when a batch is made.</summary>
    private Tensor Stored(int count, Func<int, ReadOnlyMemory<byte>> pixelsOf, int channels, int side)
    {
        var stored = Math.Min(side, options.Size + Margin);
        var plane = stored * stored;
        var pixels = new byte[(long)count * channels * plane];
        var resampling = new Resampling(side, side, stored, stored);
        Parallel.For(0, count * channels, i =>
        {
            var source = pixelsOf(i / channels).Span.Slice(i % channels * side * side, side * side);
            var target = pixels.AsSpan(i * plane, plane);
            if (stored == side)
                source.CopyTo(target);
            else
                resampling.Apply(source, channels: 1, target);
        });
        return tensor(pixels, [count, channels, stored, stored]);
    }

    /// <summary>0 … count − 1 in an order that depends on the seed and the purpose alone.</summary>
    private int[] Order(string purpose, int count)
    {
        var order = Enumerable.Range(0, count).ToArray();
        new Random(BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{options.Seed} {purpose}")))).Shuffle(order);
        return order;
    }

    /// <summary>Pixels [count, channels, side, side] and labels.</summary>
    private sealed record Digits(byte[] Pixels, byte[] Labels, int Channels, int Side);
}

/// <summary>What the task of digits is made of.</summary>
public enum DigitPictures
{
    Svhn,
    Mnist,
    FashionMnist,
}

public sealed record SvhnOmniglotOptions
{
    [Description("pictures of the first task")]
    public DigitPictures Digits { get; init; }

    [Description("classes of the second task: 1623 in all of Omniglot, 136 in images_background_small1"), Range(2, 100000)]
    public int Characters { get; init; } = 1623;

    [Description("only these, named as their folders are; empty for all")]
    public IReadOnlyList<string> Alphabets { get; init; } = [];

    [Description("pixels a side; pictures are resized to 9/8 of it and cut"), Range(16, 512)]
    public int Size { get; init; } = 64;

    [Description("cut at random to learn from, instead of in the middle")]
    public bool Augment { get; init; } = true;

    [Description("digits to learn from; null for all"), Range(1, int.MaxValue)]
    public int? TrainDigits { get; init; }

    [Description("digits for validation; null for all"), Range(1, int.MaxValue)]
    public int? ValidationDigits { get; init; }

    [Description("digits for the test; null for all"), Range(1, int.MaxValue)]
    public int? TestDigits { get; init; }

    [Description("of the held-back pictures and drawers"), Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;
}
