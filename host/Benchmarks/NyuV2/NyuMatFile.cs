using System.Globalization;
using System.Text.RegularExpressions;
using KdMtlBench.Host.Benchmarks.Pictures;
using KdMtlBench.Host.Formats;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.NyuV2;

/// <summary>The labelled data set as its authors publish it, with the official split and the usual 13 classes.</summary>
internal sealed partial class NyuMatFile : PictureSource
{
    public const int Classes = 13;

    private const string NormalsFolder = "normals";
    private const int MostTogether = 16;

    private readonly string _path;
    private readonly IReadOnlyList<string> _others;
    private readonly sbyte[] _classOf;
    private readonly IReadOnlyList<string>? _normals;
    private readonly int _rows;
    private readonly int _columns;

    /// <param name="paths">The file itself, splits.mat, classMapping40.mat, class13Mapping.mat; a folder normals may lie beside.</param>
    /// <param name="size">Of the decoded pictures.</param>
    /// <exception cref="InputException">The files are bad or do not fit each other.</exception>
    public NyuMatFile(IReadOnlyList<string> paths, (int Height, int Width) size)
    {
        (_path, _others, Size) = (paths[0], [.. paths.Skip(1)], size);
        _classOf = ReadClasses(paths[2], paths[3]);
        using (var file = Hdf5File.Open(_path))
        {
            var images = file.Array("images", 4, 1);
            (Count, _columns, _rows) = (images.Shape[0], images.Shape[2], images.Shape[3]);
            Together = Math.Min(images.SlicesTogether, MostTogether);
            if (images.Shape[1] != 3)
                throw Faults.In(_path, $"images is [{string.Join(", ", images.Shape)}], but its second axis are three colours");
            CheckShape(file.Array("depths", 3, 4), "depths");
            CheckShape(file.Array("labels", 3, 2), "labels");
        }

        (Train, Test) = (ReadSplit(paths[1], "trainNdxs"), ReadSplit(paths[1], "testNdxs"));
        if (Train.Intersect(Test).Any())
            throw Faults.In(paths[1], "a picture is in both splits");
        _normals = FindNormals(Path.Combine(Path.GetDirectoryName(_path)!, NormalsFolder));
    }

    public override string Name => "nyu-v2";

    public override string Description => $"nyu-v2: {Count} pictures from {Path.GetFileName(_path)}; normals "
        + (_normals is null ? "computed from depth" : "from the folder normals");

    public override int Count { get; }

    public override (int Height, int Width) Size { get; }

    public override IReadOnlyList<Field> Fields =>
    [
        new(FieldKind.Image, ScalarType.Byte, 3),
        new(FieldKind.Labels, ScalarType.Int8, 1),
        new(FieldKind.Depth, ScalarType.Float32, 1),
        new(FieldKind.Normals, _normals is null ? ScalarType.Float32 : ScalarType.Byte, 3),
    ];

    public override IReadOnlyList<int> Train { get; }

    public override IReadOnlyList<int> Test { get; }

    public override IReadOnlyList<string> Files => [_path, .. _others, .. _normals ?? []];

    public override string Settings => $"{Size} {string.Join(' ', Fields)}";

    public override int Together { get; }

    public override PictureReader OpenReader() => new Reader(this);

    private void CheckShape(Hdf5Array array, string name)
    {
        if (!array.Shape.SequenceEqual([Count, _columns, _rows]))
            throw Faults.In(_path, $"{name} is [{string.Join(", ", array.Shape)}], but images has {Count} pictures of {_columns}×{_rows}");
    }

    /// <summary>Of each of the 894 labels, and of 0 for none, the class from 0, −1 void.</summary>
    private static sbyte[] ReadClasses(string fortyPath, string thirteenPath)
    {
        var forty = Numbers(fortyPath, Mat5File.Read(fortyPath, "mapClass")["mapClass"], "mapClass", 40);
        var map = Mat5File.Read(thirteenPath, "classMapping13")["classMapping13"];
        if (map is not MatStructs structs || !structs.Fields.TryGetValue("labels13", out var labels) || labels is not [var thirteen])
            throw Faults.In(thirteenPath, "classMapping13 is not a structure with the field labels13");
        var classes = Numbers(thirteenPath, thirteen, "labels13", Classes);
        if (classes.Length != 40)
            throw Faults.In(thirteenPath, $"labels13 has {classes.Length} classes instead of 40");
        return [-1, .. forty.Select(label => (sbyte)(classes[label - 1] - 1))];
    }

    private static int[] Numbers(string path, MatValue value, string name, int most)
    {
        var numbers = value is MatNumbers { Count: > 0 } matrix ? matrix.ToDoubles() : throw Faults.In(path, $"{name} holds no numbers");
        var wrong = Array.FindIndex(numbers, number => !(number >= 1 && number <= most) || number != Math.Floor(number));
        return wrong < 0 ? Array.ConvertAll(numbers, number => (int)number)
            : throw Faults.In(path, $"{name} has {numbers[wrong]} at place {wrong + 1}, expected 1 to {most}");
    }

    private int[] ReadSplit(string path, string name) => [.. Numbers(path, Mat5File.Read(path, name)[name], name, Count).Select(number => number - 1)];

    /// <summary>One PNG a picture, numbered from 1 as the official split does; null where there is no folder.</summary>
    private List<string>? FindNormals(string folder)
    {
        if (!Directory.Exists(folder))
            return null;
        var numbered = new Dictionary<int, string>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.png").Order(StringComparer.Ordinal))
            if (LastNumber().Match(path) is { Success: true } match && int.TryParse(match.Groups["number"].Value, CultureInfo.InvariantCulture, out var number))
                numbered[number] = path;
        return [.. Enumerable.Range(1, Count).Select(number => numbered.GetValueOrDefault(number)
            ?? throw new InputException($"{folder}: no file ends in {number:000000}.png, though there are {Count} pictures; add it, or remove the folder to have normals computed from depth"))];
    }

    [GeneratedRegex("(?<number>[0-9]{1,9})\\.png$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LastNumber();

    private sealed class Reader : PictureReader
    {
        private readonly NyuMatFile _source;
        private readonly Hdf5File _file;
        private readonly Hdf5Array _images;
        private readonly Hdf5Array _depths;
        private readonly Hdf5Array _labels;
        private readonly byte[] _pixels;
        private readonly float[] _metres;
        private readonly ushort[] _classes;
        private readonly float[] _depth;
        private readonly Resampling _resampling;
        private readonly DepthNormals _estimator;
        private readonly int[] _rowOf;
        private readonly int[] _columnOf;

        public Reader(NyuMatFile source)
        {
            _source = source;
            _file = Hdf5File.Open(source._path);
            (_images, _depths, _labels) = (_file.Array("images", 4, 1), _file.Array("depths", 3, 4), _file.Array("labels", 3, 2));
            var plane = source._rows * source._columns;
            (_pixels, _metres, _classes) = (new byte[source.Together * 3 * plane], new float[source.Together * plane], new ushort[source.Together * plane]);
            var (height, width) = source.Size;
            _depth = new float[plane];
            _resampling = new Resampling(source._columns, source._rows, width, height);
            _estimator = new DepthNormals(source._rows, source._columns);
            (_rowOf, _columnOf) = (Resampling.Nearest(source._rows, height), Resampling.Nearest(source._columns, width));
        }

        public override void Read(int first, IReadOnlyList<PictureRow> rows)
        {
            _images.Read(first, rows.Count, _pixels);
            _depths.Read(first, rows.Count, _metres);
            _labels.Read(first, rows.Count, _classes);
            var plane = _depth.Length;
            for (var i = 0; i < rows.Count; i++)
            {
                ReadImage(_pixels.AsSpan(i * 3 * plane, 3 * plane), rows[i].Of<byte>(0));
                ReadLabels(first + i, _classes.AsSpan(i * plane, plane), rows[i].Of<sbyte>(1));
                var metres = _metres.AsSpan(i * plane, plane);
                ReadDepth(metres, rows[i].Of<float>(2));
                if (_source._normals is null)
                {
                    Transpose(metres, _source._columns, _depth);
                    _estimator.Estimate(_depth, _rowOf, _columnOf, rows[i].Of<float>(3));
                    continue;
                }

                ReadNormals(_source._normals[first + i], rows[i].Of<byte>(3));
            }
        }

        protected override void Dispose(bool disposing) => _file.Dispose();

        private void ReadImage(ReadOnlySpan<byte> planes, Span<byte> image)
        {
            var (plane, small) = (planes.Length / 3, image.Length / 3);
            for (var channel = 0; channel < 3; channel++)
                _resampling.Apply(planes.Slice(channel * plane, plane), 1, image.Slice(channel * small, small), transposed: true);
        }

        private void ReadLabels(int picture, ReadOnlySpan<ushort> labels, Span<sbyte> classes)
        {
            for (var j = 0; j < _columnOf.Length; j++)
            {
                var column = labels.Slice(_columnOf[j] * _source._rows, _source._rows);
                for (var i = 0; i < _rowOf.Length; i++)
                {
                    var label = column[_rowOf[i]];
                    if (label >= _source._classOf.Length)
                        throw Faults.In(_source._path, $"picture {picture + 1} has the label {label} at row {_rowOf[i]}, column {_columnOf[j]}, but {_source._classOf.Length - 1} is the last");
                    classes[i * _columnOf.Length + j] = _source._classOf[label];
                }
            }
        }

        private void ReadDepth(ReadOnlySpan<float> lying, Span<float> depth)
        {
            for (var j = 0; j < _columnOf.Length; j++)
            {
                var column = lying.Slice(_columnOf[j] * _source._rows, _source._rows);
                for (var i = 0; i < _rowOf.Length; i++)
                    depth[i * _columnOf.Length + j] = column[_rowOf[i]] is var metres && float.IsFinite(metres) ? Math.Max(0, metres) : 0;
            }
        }

        private void ReadNormals(string path, Span<byte> normals)
        {
            var image = PngImage.Read(path);
            if (image is not { Channels: 3, Bits: 8 } || image.Height != _source._rows || image.Width != _source._columns)
                throw Faults.In(path, $"{image.Width}×{image.Height} pixels of {image.Channels} channels of {image.Bits} bits, expected {_source._columns}×{_source._rows} of 3 of 8");
            var plane = normals.Length / 3;
            var place = 0;
            foreach (var row in _rowOf)
            {
                foreach (var column in _columnOf)
                {
                    var pixel = image.Samples.AsSpan((row * _source._columns + column) * 3, 3);
                    (normals[place], normals[plane + place], normals[2 * plane + place]) = (pixel[0], pixel[1], pixel[2]);
                    place++;
                }
            }
        }

        /// <summary>[columns, rows] → [rows, columns], a few rows at a time, which stay in the cache.</summary>
        private static void Transpose(ReadOnlySpan<float> values, int columns, Span<float> result)
        {
            const int together = 16;
            var rows = values.Length / columns;
            for (var first = 0; first < rows; first += together)
                for (var column = 0; column < columns; column++)
                    for (var row = first; row < Math.Min(first + together, rows); row++)
                        result[row * columns + column] = values[column * rows + row];
        }
    }
}
