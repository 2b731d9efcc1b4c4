using PureHDF;
using PureHDF.Selections;

namespace KdMtlBench.Host.Formats;

/// <summary>Reads arrays of numbers from an HDF5 file, such as MATLAB 7.3 writes; PureHDF does the work.</summary>
/// <remarks>Every fault is an <see cref="InputException"/> that names the file and the byte reading had come to. For threads
/// side by side each opens its own.</remarks>
public sealed class Hdf5File : IDisposable
{
    private readonly string _path;
    private readonly CountedStream _stream;
    private readonly IH5Group _root;

    private Hdf5File(string path)
    {
        _path = path;
        _stream = Faults.Guarded(path, () => new CountedStream(File.OpenRead(path)));
        try
        {
            _root = Guarded("the file", () => H5File.Open(_stream));
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    public static Hdf5File Open(string path) => new(path);

    /// <summary>The array of this name.</summary>
    /// <param name="name">At the file's root.</param>
    /// <param name="axes">How many it must have.</param>
    /// <param name="bytes">Of one value.</param>
    public Hdf5Array Array(string name, int axes, int bytes) => Guarded(name, () =>
    {
        var data = _root.Dataset(name);
        var shape = data.Space.Dimensions;
        if (shape.Length != axes || shape.Any(length => length is 0 or > int.MaxValue))
            throw Faults.In(_path, $"{name} is [{string.Join(", ", shape)}], but {axes} axes are expected");
        if (shape.Skip(1).Aggregate((UInt128)bytes, (product, length) => product * length) > (UInt128)System.Array.MaxLength)
            throw Faults.In(_path, $"{name} is [{string.Join(", ", shape)}]: one slice of it does not fit into an array");
        if (data.Type.Size != bytes)
            throw Faults.In(_path, $"the values of {name} have {data.Type.Size} bytes, but {bytes} are expected");
        return new Hdf5Array(this, name, data, [.. shape.Select(length => (int)length)]);
    });

    public void Dispose() => _stream.Dispose();

    /// <summary>Whatever PureHDF throws at a damaged file, with the place it had come to.</summary>
    internal T Guarded<T>(string what, Func<T> read)
    {
        try
        {
            _stream.Restart();
            return read();
        }
        catch (InputException)
        {
            throw;
        }
#pragma warning disable CA1031 // PureHDF has no exceptions of its own: a damaged file gives any kind
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw Faults.At(_path, _stream.Reached, $"{what} cannot be read as HDF5 ({e.Message})");
        }
    }

    /// <summary>Fails where damaged links make a reader go round in circles; remembers where it was.</summary>
    private sealed class CountedStream(FileStream file) : Stream
    {
        private const int MostReads = 2_000_000;

        private int _reads;

        public long Reached { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => file.Length;

        public override long Position { get => file.Position; set => file.Position = value; }

        public void Restart() => _reads = 0;

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            Reached = file.Position;
            if (buffer.Length > file.Length - Reached)
                throw new EndOfStreamException($"{buffer.Length} bytes go beyond the end of the file");
            if (++_reads > MostReads)
                throw new InvalidDataException("its parts refer to each other in circles");
            return file.Read(buffer);
        }

        public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>An array in an HDF5 file, read in slices of its first axis.</summary>
public sealed class Hdf5Array
{
    // 64 MiB: far above what files have, far below what harms.
    private const ulong MostChunkValues = 1 << 26;

    private readonly Hdf5File _file;
    private readonly string _name;
    private readonly IH5Dataset _data;

    internal Hdf5Array(Hdf5File file, string name, IH5Dataset data, IReadOnlyList<int> shape)
    {
        (_file, _name, _data, Shape) = (file, name, data, shape);
        var chunks = data.Layout is { Class: H5DataLayoutClass.Chunked } layout ? layout.Chunks : [1, .. shape.Skip(1).Select(_ => 1UL)];
        if (chunks.Length < shape.Count || chunks.Aggregate(UInt128.One, (product, length) => product * length) is var size && (size == 0 || size > MostChunkValues))
            throw new InvalidDataException($"chunks of {string.Join("×", chunks)} values are not used by any program");
        SlicesTogether = (int)Math.Min(chunks[0], (ulong)shape[0]);
    }

    /// <summary>Lengths of the axes; the last varies fastest.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Slices that are packed together: read as many at once, from a multiple of it on.</summary>
    public int SlicesTogether { get; }

    /// <summary>Values of one slice.</summary>
    public int SliceLength => Shape.Skip(1).Aggregate(1, (product, length) => product * length);

    /// <summary>Overwrites the start of a buffer of [count × slice length] with the slices [first, first + count).</summary>
    public void Read<T>(int first, int count, T[] buffer)
        where T : unmanaged => _file.Guarded(_name, () =>
    {
        var starts = new ulong[Shape.Count];
        starts[0] = (ulong)first;
        var blocks = Shape.Select(length => (ulong)length).ToArray();
        blocks[0] = (ulong)count;
        _data.Read(buffer.AsMemory(0, count * SliceLength), new HyperslabSelection(Shape.Count, starts, blocks), memoryDims: [(ulong)count * (ulong)SliceLength]);
        return true;
    });
}
