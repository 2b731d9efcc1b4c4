using System.Globalization;
using KdMtlBench.Host.Formats;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Pictures;

/// <summary>A field in the folders of Liu, Johns &amp; Davison's pre-processed data.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Folders">The names its folder may have, the usual one first.</param>
/// <param name="Channels">1 or 3.</param>
internal sealed record NpyField(FieldKind Kind, IReadOnlyList<string> Folders, int Channels);

/// <summary>Pictures as MTAN's authors publish them: {train, val}/{field}/{0, 1, …}.npy, [height, width(, channels)].</summary>
internal sealed class NpyFolders : PictureSource
{
    private readonly IReadOnlyList<NpyField> _fields;
    private readonly int _classes;
    private readonly List<string[]> _files = [];
    private readonly int _trainCount;

    /// <param name="name">The benchmark.</param>
    /// <param name="folders">The folders train and val.</param>
    /// <param name="size">What the pictures must have.</param>
    /// <param name="classes">Of the labels.</param>
    /// <param name="fields">The image first.</param>
    /// <exception cref="InputException">A folder or file is missing, or the first picture is of another size.</exception>
    public NpyFolders(string name, IReadOnlyList<string> folders, (int Height, int Width) size, int classes, IReadOnlyList<NpyField> fields)
    {
        (Name, Size, _classes, _fields) = (name, size, classes, fields);
        foreach (var folder in folders)
        {
            AddFiles(folder);
            _trainCount = _trainCount == 0 ? _files.Count : _trainCount;
        }

        var image = NpyFile.Read(_files[0][0]);
        Fields = [.. fields.Select(field => new Field(field.Kind, TypeOf(field.Kind, image.Type), field.Channels))];
    }

    public override string Name { get; }

    public override string Description => $"{Name}: {Count} pictures from MTAN's .npy folders";

    public override int Count => _files.Count;

    public override (int Height, int Width) Size { get; }

    public override IReadOnlyList<Field> Fields { get; }

    public override IReadOnlyList<int> Train => [.. Enumerable.Range(0, _trainCount)];

    public override IReadOnlyList<int> Test => [.. Enumerable.Range(_trainCount, Count - _trainCount)];

    public override IReadOnlyList<string> Files => [.. _files.SelectMany(files => files)];

    public override string Settings => $"{Size} {_classes} {string.Join(' ', Fields)}";

    public override PictureReader OpenReader() => new Reader(this);

    private static ScalarType TypeOf(FieldKind kind, string imageType) => kind switch
    {
        FieldKind.Image => imageType == "u1" ? ScalarType.Byte : ScalarType.Float32,
        FieldKind.Labels => ScalarType.Int8,
        _ => ScalarType.Float32,
    };

    private void AddFiles(string split)
    {
        var folders = _fields.Select(field => field.Folders.Select(name => Path.Combine(split, name)).FirstOrDefault(Directory.Exists)
            ?? throw new InputException($"{split}: the folder {string.Join(" or ", field.Folders)} is missing; get all of the data set")).ToList();
        var count = Directory.EnumerateFiles(folders[0], "*.npy").Count();
        if (count == 0)
            throw new InputException($"{folders[0]}: there is no .npy file in it; get all of the data set");
        for (var i = 0; i < count; i++)
        {
            string[] files = [.. folders.Select(folder => Path.Combine(folder, i.ToString(CultureInfo.InvariantCulture) + ".npy"))];
            if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing)
                throw new InputException($"{missing}: missing, though {folders[0]} has {count} files; get all of the data set");
            _files.Add(files);
        }
    }

    private sealed class Reader(NpyFolders source) : PictureReader
    {
        public override void Read(int first, IReadOnlyList<PictureRow> rows)
        {
            for (var i = 0; i < rows.Count; i++)
                for (var field = 0; field < source.Fields.Count; field++)
                    Read(source._files[first + i][field], source.Fields[field], rows[i], field);
        }

        private void Read(string path, Field field, PictureRow row, int index)
        {
            var array = NpyFile.Read(path);
            CheckShape(path, field, array.Shape);
            if (field.Kind == FieldKind.Image && array.Type == "u1" != (field.Type == ScalarType.Byte))
                throw Faults.In(path, $"values of type {array.Type}, unlike the first picture's");
            if (field.Type == ScalarType.Byte)
                ChannelsFirst<byte>(array.Bytes, field.Channels, row.Of<byte>(index));
            else if (field.Kind == FieldKind.Labels)
                Classes(path, array.ToFloats(), row.Of<sbyte>(index));
            else
                ChannelsFirst<float>(Cleaned(field.Kind, array.ToFloats()), field.Channels, row.Of<float>(index));
        }

        private void CheckShape(string path, Field field, IReadOnlyList<int> shape)
        {
            var (height, width) = source.Size;
            int[] full = [height, width, field.Channels];
            if (!shape.SequenceEqual(full) && !(field.Channels == 1 && shape.SequenceEqual(full[..2])))
            {
                throw new InputException($"{path}: [{string.Join(", ", shape)}], but [{string.Join(", ", full)}] is expected; "
                    + "set the options height and width to those of the files");
            }
        }

        private void Classes(string path, float[] values, Span<sbyte> classes)
        {
            for (var i = 0; i < values.Length; i++)
            {
                if (!(values[i] >= -1 && values[i] < source._classes) || values[i] != MathF.Floor(values[i]))
                    throw Faults.In(path, $"label {i} (counted from 0) is {values[i]}, expected −1 to {source._classes - 1}");
                classes[i] = (sbyte)values[i];
            }
        }

        /// <summary>What is no number, and a negative depth, is invalid: 0.</summary>
        private static float[] Cleaned(FieldKind kind, float[] values)
        {
            for (var i = 0; i < values.Length; i++)
                if (!float.IsFinite(values[i]) || (kind == FieldKind.Depth && values[i] < 0))
                    values[i] = 0;
            return values;
        }

        private static void ChannelsFirst<T>(ReadOnlySpan<T> values, int channels, Span<T> result)
        {
            var pixels = values.Length / channels;
            for (var channel = 0; channel < channels; channel++)
                for (var pixel = 0; pixel < pixels; pixel++)
                    result[channel * pixels + pixel] = values[pixel * channels + channel];
        }
    }
}
