namespace KdMtlBench.Host.Benchmarks.MultiMnist;

/// <summary>Images of 28×28 pixels with a class each.</summary>
/// <param name="Pixels">[count, 28, 28].</param>
/// <param name="Labels">[count], 0 to 9.</param>
public sealed record LabelledImages(byte[] Pixels, byte[] Labels)
{
    /// <summary>Height and width of an image.</summary>
    public const int Side = 28;

    public const int Classes = 10;

    public int Count => Labels.Length;

    /// <summary>[28, 28] of one image.</summary>
    public ReadOnlySpan<byte> this[int index] => Pixels.AsSpan(index * Side * Side, Side * Side);

    /// <summary>Reads a pair of IDX files; throws <see cref="InputException"/> where they do not fit each other.</summary>
    public static LabelledImages Read(string imagesPath, string labelsPath)
    {
        var images = IdxFile.ReadImages(imagesPath);
        if (images is not { Height: Side, Width: Side })
            throw new InputException($"{imagesPath}: images of {images.Height}×{images.Width} pixels, expected {Side}×{Side}; put the original file in its place");

        var labels = IdxFile.ReadLabels(labelsPath);
        if (labels.Length != images.Count)
            throw new InputException($"{labelsPath}: {labels.Length} labels, but {imagesPath} has {images.Count} images; take both from the same release");

        var wrong = labels.AsSpan().IndexOfAnyInRange((byte)Classes, byte.MaxValue);
        if (wrong >= 0)
            throw new InputException($"{labelsPath}: label {wrong} (counted from 0) is {labels[wrong]}, expected 0 to {Classes - 1}; put the original file in its place");
        return new LabelledImages(images.Pixels, labels);
    }
}

/// <summary>Which images are put on the canvas.</summary>
public enum DigitSource
{
    Mnist,
    FashionMnist,
}

/// <summary>MNIST or a data set of its form: four IDX files.</summary>
/// <param name="Train">60,000 in the originals.</param>
/// <param name="Test">10,000 in the originals.</param>
public sealed record DigitSet(LabelledImages Train, LabelledImages Test)
{
    private static readonly DataSet _mnist = new("mnist", "MNIST",
        "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz "
        + "from https://ossci-datasets.s3.amazonaws.com/mnist/", Files);

    private static readonly DataSet _fashionMnist = new("fashion-mnist", "Fashion-MNIST",
        "the package dataset-fashion-mnist (apt-get install dataset-fashion-mnist), or train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, "
        + "t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz from http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", Files)
    {
        SystemFolders = ["/usr/share/datasets/fashion-mnist"],
    };

    private static IReadOnlyList<IReadOnlyList<string>> Files =>
        [Names("train-images", "idx3"), Names("train-labels", "idx1"), Names("t10k-images", "idx3"), Names("t10k-labels", "idx1")];

    /// <summary>Finds and reads the files; throws <see cref="InputException"/> where one is missing or bad.</summary>
    public static DigitSet Read(string? dataRoot, DigitSource source)
    {
        var paths = DataRoot.Locate(dataRoot, source == DigitSource.Mnist ? _mnist : _fashionMnist);
        return new DigitSet(LabelledImages.Read(paths[0], paths[1]), LabelledImages.Read(paths[2], paths[3]));
    }

    private static string[] Names(string part, string kind) =>
        [$"{part}-{kind}-ubyte.gz", $"{part}-{kind}-ubyte", $"{part}.{kind}-ubyte.gz", $"{part}.{kind}-ubyte"];
}
