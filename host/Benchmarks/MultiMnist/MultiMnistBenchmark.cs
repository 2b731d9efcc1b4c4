using System.Buffers.Binary;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using KdMtlBench.Contracts.Benchmarks.Tasks;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.MultiMnist;

/// <summary>Two images on one canvas, one towards the top left, one towards the bottom right; each is to be classified.</summary>
/// <remarks>
/// Sener &amp; Koltun, NeurIPS 2018, section 5.1, after Sabour, Frosst &amp; Hinton, NeurIPS 2017. The canvas is 36×36, the
/// images of 28×28 lie in its two corners, and where they overlap the brighter pixel counts. The paper's public loader puts
/// the right image 6 instead of 8 pixels from the corner, scales the canvas to 28×28, and has no validation split.
/// One sixth of the source's training images, drawn by the seed, is held back for validation; the test split takes the
/// source's test images only. A split goes through its source images in an order of its own for each side, as often as
/// its size asks for, so a smaller split is the start of a larger one.
/// </remarks>
[Benchmark("multi-mnist", Title = "MultiMNIST", Paper = "Sener & Koltun, NeurIPS 2018, section 5.1")]
public sealed class MultiMnistBenchmark(MultiMnistOptions options) : IBenchmark, INeedsData
{
    private const int CanvasSide = 36;
    private const int HeldBack = 6;

    public IReadOnlyList<LearningTask> Tasks { get; } =
        [new Classification("left", LabelledImages.Classes), new Classification("right", LabelledImages.Classes)];

    public IReadOnlyList<InputInfo> Inputs { get; } = [InputInfo.Image(1, CanvasSide, CanvasSide)];

    public IReadOnlyList<DataNeed> Data { get; } =
        [DigitSet.Need(DigitSource.Mnist), DigitSet.Need(DigitSource.FashionMnist) with { Under = "left or right: fashion-mnist" }];

    public BenchmarkData Load(DataContext context)
    {
        var left = Read(context, options.Left);
        var right = options.Right == options.Left ? left : Read(context, options.Right);
        var (leftTrain, leftValidation) = Divide(left.Train);
        var (rightTrain, rightValidation) = Divide(right.Train);
        return new BenchmarkData(
            Compose("train", options.Train, leftTrain, rightTrain, context),
            Compose("validation", options.Validation, leftValidation, rightValidation, context),
            Compose("test", options.Test, Pool.All(left.Test), Pool.All(right.Test), context),
            Hash(left, right));
    }

    private static DigitSet Read(DataContext context, DigitSource source)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        var set = DigitSet.Read(context.DataRoot, source);
        return set.Train.Count >= HeldBack ? set : throw new InputException(
            $"{source} has {set.Train.Count} training images, but one in {HeldBack} is held back for validation; put the original files in their place");
    }

    /// <summary>Depends on nothing but the seed and the count, so that one source on both sides is divided the same way.</summary>
    private (Pool Train, Pool Validation) Divide(LabelledImages images)
    {
        var order = Enumerable.Range(0, images.Count).ToArray();
        RandomFor("held back").Shuffle(order);
        var validation = images.Count / HeldBack;
        return (new Pool(images, order[validation..]), new Pool(images, order[..validation]));
    }

    private TensorSplit Compose(string split, int count, Pool left, Pool right, DataContext context)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        var lefts = left.Draw(count, RandomFor(split + " left"));
        var rights = right.Draw(count, RandomFor(split + " right"));

        using var scope = NewDisposeScope();
        var inputs = zeros(count, 1, CanvasSide, CanvasSide, dtype: ScalarType.Byte);
        var canvases = inputs.bytes;
        for (var i = 0; i < count; i++)
        {
            var canvas = canvases.Slice(i * CanvasSide * CanvasSide, CanvasSide * CanvasSide);
            Overlay(canvas, left.Images[lefts[i]], corner: 0);
            Overlay(canvas, right.Images[rights[i]], corner: CanvasSide - LabelledImages.Side);
        }

        return new TensorSplit("image", Keep(inputs), [Keep(Labels(left, lefts)), Keep(Labels(right, rights))]);

        Tensor Keep(Tensor values) => values.to(context.Device).MoveToOuterDisposeScope();
    }

    private static Tensor Labels(Pool pool, int[] indices) => tensor(Array.ConvertAll(indices, index => pool.Images.Labels[index]));

    private static void Overlay(Span<byte> canvas, ReadOnlySpan<byte> image, int corner)
    {
        const int side = LabelledImages.Side;
        for (var row = 0; row < side; row++)
        {
            var below = canvas.Slice((corner + row) * CanvasSide + corner, side);
            var above = image.Slice(row * side, side);
            for (var column = 0; column < side; column++)
                below[column] = Math.Max(below[column], above[column]);
        }
    }

    /// <summary>A source that depends on the seed and on what it is for, not on what was drawn before.</summary>
    private Random RandomFor(string purpose) =>
        new(BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{options.Seed} {purpose}"))));

    private string Hash(params ReadOnlySpan<DigitSet> sets)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(options.ToString()));
        foreach (var images in sets.ToArray().Distinct().SelectMany(set => new[] { set.Train, set.Test }))
        {
            hash.AppendData(images.Pixels);
            hash.AppendData(images.Labels);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The source images that one side of one split may use.</summary>
    private sealed record Pool(LabelledImages Images, int[] Indices)
    {
        public static Pool All(LabelledImages images) => new(images, [.. Enumerable.Range(0, images.Count)]);

        /// <summary>Goes through the pool again and again, each time in a new order.</summary>
        public int[] Draw(int count, Random random)
        {
            var order = Indices.ToArray();
            var drawn = new List<int>(count + order.Length);
            while (drawn.Count < count)
            {
                random.Shuffle(order);
                drawn.AddRange(order);
            }

            return [.. drawn.Take(count)];
        }
    }
}

public sealed record MultiMnistOptions
{
    [Description("images towards the top left")]
    public DigitSource Left { get; init; }

    [Description("images towards the bottom right")]
    public DigitSource Right { get; init; }

    [Description("training images to compose"), Range(1, 500000)]
    public int Train { get; init; } = 50000;

    [Description("validation images to compose"), Range(1, 500000)]
    public int Validation { get; init; } = 10000;

    [Description("test images to compose"), Range(1, 500000)]
    public int Test { get; init; } = 10000;

    [Description("of the held-back images and of the pairs"), Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;
}
