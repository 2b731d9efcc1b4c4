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

    /// <summary>What has to be got for a source; the checksums are of the real files' content.</summary>
    public static DataNeed Need(DigitSource source) => source == DigitSource.Mnist
        ? new DataNeed(_mnist, Check)
        {
            Published = PublishedAt(
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
        }
        : new DataNeed(_fashionMnist, Check)
        {
            Published = PublishedAt(
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
        };

    /// <summary>Finds and reads the files; throws <see cref="InputException"/> where one is missing or bad.</summary>
    public static DigitSet Read(string? dataRoot, DigitSource source) => Read(DataRoot.Locate(dataRoot, Need(source).Set));

    private static DigitSet Read(IReadOnlyList<string> paths) =>
        new(LabelledImages.Read(paths[0], paths[1]), LabelledImages.Read(paths[2], paths[3]));

    private static string Check(IReadOnlyList<string> paths)
    {
        var set = Read(paths);
        return $"{set.Train.Count} training and {set.Test.Count} test images";
    }

    private static IReadOnlyList<PublishedFile> PublishedAt(string folder, params IEnumerable<string> sha256) =>
        [.. Files.Zip(sha256, (names, sum) => new PublishedFile(names[0]) { Address = new Uri(folder + names[0]), ContentSha256 = sum })];

    private static string[] Names(string part, string kind) =>
        [$"{part}-{kind}-ubyte.gz", $"{part}-{kind}-ubyte", $"{part}.{kind}-ubyte.gz", $"{part}.{kind}-ubyte"];
}
