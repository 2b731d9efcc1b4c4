using System.Diagnostics;
using System.Runtime.InteropServices;
using KdMtlBench.Host.Storage;
using TorchSharp;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Pictures;

/// <summary>All pictures of a source, decoded once: of each field one compact tensor [count, channels, height, width], on
/// the device, or in host memory where they do not fit there.</summary>
internal sealed class DecodedPictures : IDisposable
{
    /// <summary>Raised whenever the same files give other tensors.</summary>
    private const int Version = 1;

    // Left free on the device for networks and their activations.
    private const long Reserve = 4L << 30;

    private static readonly TimeSpan _reportEvery = TimeSpan.FromSeconds(2);

    private DecodedPictures(IReadOnlyList<Field> fields, IReadOnlyList<Tensor> stored)
    {
        Fields = fields;
        Stored = stored;
    }

    public IReadOnlyList<Field> Fields { get; }

    /// <summary>One a field.</summary>
    public IReadOnlyList<Tensor> Stored { get; }

    /// <summary>Takes the pictures from the cache, or decodes them on all processors and leaves them there.</summary>
    /// <param name="source">The files.</param>
    /// <param name="sha256">Of the files and settings: <see cref="PictureSource.Sha256"/>.</param>
    /// <param name="context">Where to, and whom to tell.</param>
    public static DecodedPictures Load(PictureSource source, string sha256, DataContext context)
    {
        using var scope = NewDisposeScope();
        var (height, width) = source.Size;
        var stored = source.Fields.Select(field => empty([source.Count, field.Channels, height, width], dtype: field.Type)).ToList();
        List<(string Name, Tensor Values)> named = [.. source.Fields.Zip(stored, (field, tensor) => (field.Kind.ToString(), tensor))];
        var cached = Path.Combine(context.CacheFolder, $"{source.Name}-{sha256[..16]}-{Version}.safetensors");
        if (!TryRead(cached, named, context))
        {
            Decode(source, stored, context);
            Keep(cached, named, source, context);
        }

        return new DecodedPictures(source.Fields, [.. Place(stored, context, Move).Select(tensor => tensor.DetachFromDisposeScope())]);

        static Tensor Move(Tensor tensor, Device device) => tensor.to(device);
    }

    /// <summary>All tensors on the device with room to spare, or all where they are.</summary>
    internal static IReadOnlyList<Tensor> Place(IReadOnlyList<Tensor> tensors, DataContext context, Func<Tensor, Device, Tensor> move)
    {
        if (context.Device.type == DeviceType.CPU)
            return tensors;
        var moved = new List<Tensor>();
        try
        {
            foreach (var tensor in tensors)
                moved.Add(move(tensor, context.Device));
            using var room = move(empty(Reserve, dtype: ScalarType.Byte), context.Device);
            return moved;
        }
        catch (ExternalException e) when (e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase))
        {
            moved.ForEach(tensor => tensor.Dispose());
            context.Report($"the data does not fit into the memory of {context.Device} beside a network: it stays in host memory");
            return tensors;
        }
    }

    public void Dispose()
    {
        foreach (var tensor in Stored)
            tensor.Dispose();
    }

    private static bool TryRead(string path, IReadOnlyList<(string Name, Tensor Values)> named, DataContext context)
    {
        if (!File.Exists(path))
            return false;
        try
        {
            using var file = TensorFile.Open(path);
            file.CopyTo(named);
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            context.Report($"decoding anew, since {path} {e.Message}");
            return false;
        }
    }

    private static void Keep(string path, IReadOnlyList<(string Name, Tensor Values)> named, PictureSource source, DataContext context)
    {
        try
        {
            TensorFile.Write(path, new Dictionary<string, string>(StringComparer.Ordinal) { ["source"] = source.Description }, named);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            context.Report($"the decoded pictures are not kept for the next time: {e.Message}");
        }
    }

    private static void Decode(PictureSource source, IReadOnlyList<Tensor> stored, DataContext context)
    {
        var views = stored.Select(tensor => tensor.unbind()).ToList();
        var rows = Enumerable.Range(0, source.Count).Select(i => new PictureRow([.. views.Select(view => view[i])])).ToList();
        var blocks = rows.Select((row, i) => (row, i)).Chunk(source.Together).ToList();
        var progress = new Progress(source, context);
        try
        {
            Parallel.ForEach(
                blocks,
                new ParallelOptions { CancellationToken = context.Cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount },
                source.OpenReader,
                (block, _, reader) =>
                {
                    reader.Read(block[0].i, [.. block.Select(entry => entry.row)]);
                    progress.Add(block.Length);
                    return reader;
                },
                reader => reader.Dispose());
        }
        catch (AggregateException e)
        {
            throw e.Flatten().InnerExceptions.OfType<InputException>().FirstOrDefault() ?? (Exception)e;
        }
    }

    /// <summary>Says now and then how far decoding is.</summary>
    private sealed class Progress(PictureSource source, DataContext context)
    {
        private readonly Lock _lock = new();
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private TimeSpan _next = _reportEvery;
        private int _done;

        public void Add(int count)
        {
            lock (_lock)
            {
                _done += count;
                if (_watch.Elapsed < _next)
                    return;
                _next = _watch.Elapsed + _reportEvery;
                var left = _watch.Elapsed * (source.Count - _done) / _done;
                context.Report($"{source.Name}: {_done} of {source.Count} pictures decoded, {left.TotalSeconds:0} s left");
            }
        }
    }
}
