using KdMtlBench.Host.Benchmarks.Pictures;
using KdMtlBench.Host.Formats;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Cityscapes;

/// <summary>The data set as its authors publish it: leftImg8bit, gtFine and disparity, each by split and city. The authors'
/// val is the test here: their test has no public labels.</summary>
internal sealed class CityscapesFolders : PictureSource
{
    /// <summary>The disparity's share of its 16 bits is the published target.</summary>
    private const float FullScale = 65535;

    private readonly List<string[]> _files = [];
    private readonly int _trainCount;
    private readonly sbyte[] _classOf;
    private readonly int _classes;

    /// <param name="folders">leftImg8bit, gtFine, disparity.</param>
    /// <param name="size">Of the decoded pictures.</param>
    /// <param name="classes">7 or 19.</param>
    /// <exception cref="InputException">A split is empty or a file is missing.</exception>
    public CityscapesFolders(IReadOnlyList<string> folders, (int Height, int Width) size, int classes)
    {
        (Size, _classes, _classOf) = (size, classes, CityscapesClasses.OfIds(classes));
        AddFiles(folders, "train");
        _trainCount = _files.Count;
        AddFiles(folders, "val");
    }

    public override string Name => "cityscapes";

    public override string Description => $"cityscapes: {Count} pictures from leftImg8bit, gtFine and disparity";

    public override int Count => _files.Count;

    public override (int Height, int Width) Size { get; }

    public override IReadOnlyList<Field> Fields { get; } =
        [new(FieldKind.Image, ScalarType.Byte, 3), new(FieldKind.Labels, ScalarType.Int8, 1), new(FieldKind.Depth, ScalarType.Float32, 1)];

    public override IReadOnlyList<int> Train => [.. Enumerable.Range(0, _trainCount)];

    public override IReadOnlyList<int> Test => [.. Enumerable.Range(_trainCount, Count - _trainCount)];

    public override IReadOnlyList<string> Files => [.. _files.SelectMany(files => files)];

    public override string Settings => $"{Size} {_classes}";

    public override PictureReader OpenReader() => new Reader(this);

    private void AddFiles(IReadOnlyList<string> folders, string split)
    {
        const string ending = "_leftImg8bit.png";
        var folder = Path.Combine(folders[0], split);
        var images = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*" + ending, SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList() : [];
        if (images.Count == 0)
            throw new InputException($"{folder}: there is no CITY/*{ending} in it; get all of the data set");
        foreach (var image in images)
        {
            var frame = Path.GetRelativePath(folders[0], image)[..^ending.Length];
            string[] files = [image, Path.Combine(folders[1], frame + "_gtFine_labelIds.png"), Path.Combine(folders[2], frame + "_disparity.png")];
            if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing)
                throw new InputException($"{missing}: missing, though there is {image}; get all of the data set");
            _files.Add(files);
        }
    }

    private sealed class Reader(CityscapesFolders source) : PictureReader
    {
        private Resampling? _resampling;
        private (int Height, int Width) _from;
        private int[] _rowOf = [];
        private int[] _columnOf = [];

        public override void Read(int first, IReadOnlyList<PictureRow> rows)
        {
            for (var i = 0; i < rows.Count; i++)
            {
                var files = source._files[first + i];
                var image = Decode(files[0], channels: 3, bits: 8);
                Prepare(image.Height, image.Width);
                _resampling!.Apply(image.Samples, 3, rows[i].Of<byte>(0));
                Pick<byte, sbyte>(files[1], Decode(files[1], channels: 1, bits: 8).Samples, id => source._classOf[id], rows[i].Of<sbyte>(1));
                Pick<ushort, float>(files[2], Decode(files[2], channels: 1, bits: 16).Words, value => value / FullScale, rows[i].Of<float>(2));
            }
        }

        private static PngImage Decode(string path, int channels, int bits)
        {
            var image = PngImage.Read(path);
            return image.Channels == channels && image.Bits == bits ? image
                : throw Faults.In(path, $"{image.Channels} channels of {image.Bits} bits, expected {channels} of {bits}");
        }

        private void Prepare(int height, int width)
        {
            if (_from == (height, width))
                return;
            _from = (height, width);
            _resampling = new Resampling(height, width, source.Size.Height, source.Size.Width);
            (_rowOf, _columnOf) = (Resampling.Nearest(height, source.Size.Height), Resampling.Nearest(width, source.Size.Width));
        }

        private void Pick<TFrom, TTo>(string path, ReadOnlySpan<TFrom> pixels, Func<TFrom, TTo> convert, Span<TTo> result)
        {
            if (pixels.Length != _from.Height * _from.Width)
                throw Faults.In(path, $"{pixels.Length} pixels, but its picture has {_from.Width}×{_from.Height}");
            var place = 0;
            foreach (var row in _rowOf)
                foreach (var column in _columnOf)
                    result[place++] = convert(pixels[row * _from.Width + column]);
        }
    }
}
