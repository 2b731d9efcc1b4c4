using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Storage;

/// <summary>A file of named tensors and a few words about them: nothing in it can be run.</summary>
/// <remarks>
/// The safetensors format (https://github.com/huggingface/safetensors): the length of the header, the header in JSON
/// (names, types, shapes, places), the values in little-endian order. The last tensor is the SHA-256 of all bytes before
/// it, so that damage anywhere is found.
/// </remarks>
internal sealed class TensorFile : IDisposable
{
    private const string Digest = "sha256";
    private const string Words = "__metadata__";
    private const int BufferSize = 1 << 20;
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly Dictionary<ScalarType, string> _types = new()
    {
        [ScalarType.Float16] = "F16",
        [ScalarType.BFloat16] = "BF16",
        [ScalarType.Float32] = "F32",
        [ScalarType.Float64] = "F64",
        [ScalarType.Int8] = "I8",
        [ScalarType.Int16] = "I16",
        [ScalarType.Int32] = "I32",
        [ScalarType.Int64] = "I64",
        [ScalarType.Byte] = "U8",
        [ScalarType.Bool] = "BOOL",
    };

    private readonly FileStream _stream;
    private readonly Dictionary<string, Place> _places;
    private readonly long _start;

    private TensorFile(FileStream stream)
    {
        _stream = stream;
        if (stream.Length < sizeof(long) + SHA256.HashSizeInBytes)
            throw new InvalidDataException("is cut short");
        if (!DigestMatches(stream))
            throw new InvalidDataException("is damaged: its content does not have the SHA-256 that it had when it was written");
        stream.Position = 0;
        var length = BinaryPrimitives.ReadInt64LittleEndian(Read(sizeof(long)));
        _start = sizeof(long) + length;
        var header = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Read((int)length))!;
        Metadata = header.Remove(Words, out var words) ? words.Deserialize<Dictionary<string, string>>()! : [];
        header.Remove(Digest);
        _places = header.ToDictionary(entry => entry.Key, entry => entry.Value.Deserialize<Place>(_json)!, StringComparer.Ordinal);
    }

    /// <summary>What the writer said about the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Writes a file whole or not at all.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, string> metadata, IReadOnlyList<(string Name, Tensor Values)> tensors) => AtomicFile.Write(path, stream =>
    {
        using var sha256 = SHA256.Create();
        using (var hashed = new CryptoStream(stream, sha256, CryptoStreamMode.Write, leaveOpen: true))
        {
            var header = Header(metadata, tensors);
            hashed.Write(BitConverter.GetBytes((long)header.Length));
            hashed.Write(header);
            foreach (var (_, tensor) in tensors)
            {
                using var scope = NewDisposeScope();
                tensor.detach().cpu().contiguous().WriteBytesToStream(hashed, BufferSize);
            }
        }

        stream.Write(sha256.Hash);
    });

    /// <summary>Opens a file and looks through all of it.</summary>
    /// <exception cref="InvalidDataException">It is damaged; the message goes after the file's name.</exception>
    public static TensorFile Open(string path)
    {
        var stream = File.OpenRead(path);
        try
        {
            return new TensorFile(stream);
        }
        catch (Exception e)
        {
            stream.Dispose();
            throw e is JsonException ? new InvalidDataException("has a header that cannot be read", e) : e;
        }
    }

    /// <summary>The tensors' names, in no order.</summary>
    public IReadOnlyCollection<string> Names => _places.Keys;

    /// <summary>One tensor's values, on the processor, in the caller's dispose scope.</summary>
    /// <exception cref="InvalidDataException">There is none of the name; the message goes after the file's name.</exception>
    public Tensor Read(string name)
    {
        if (!_places.TryGetValue(name, out var place))
            throw new InvalidDataException($"has no tensor `{name}`");
        var values = empty(place.Shape, dtype: _types.First(type => type.Value == place.Dtype).Key);
        _stream.Position = _start + place.DataOffsets[0];
        values.ReadBytesFromStream(_stream, BufferSize);
        return values;
    }

    /// <summary>Copies the values into tensors of the same names, types and shapes.</summary>
    /// <exception cref="InvalidDataException">The file holds others; nothing has been copied.</exception>
    public void CopyTo(IReadOnlyList<(string Name, Tensor Values)> targets)
    {
        var odd = targets.Where(target => !Fits(target.Name, target.Values)).Select(target => target.Name)
            .Concat(_places.Keys.Except(targets.Select(target => target.Name))).FirstOrDefault();
        if (odd is not null)
            throw new InvalidDataException($"belongs to another network: its tensor `{odd}` has another type or shape, or only one of the two has it");
        using var noGradient = no_grad();
        foreach (var (name, target) in targets)
        {
            using var values = empty(target.shape, dtype: target.dtype);
            _stream.Position = _start + _places[name].DataOffsets[0];
            values.ReadBytesFromStream(_stream, BufferSize);
            target.copy_(values);
        }
    }

    public void Dispose() => _stream.Dispose();

    private static byte[] Header(IReadOnlyDictionary<string, string> metadata, IReadOnlyList<(string Name, Tensor Values)> tensors)
    {
        var header = new Dictionary<string, object> { [Words] = metadata };
        long end = 0;
        foreach (var (name, values) in tensors)
            Add(name, _types[values.dtype], values.shape, values.numel() * values.ElementSize);
        Add(Digest, _types[ScalarType.Byte], [SHA256.HashSizeInBytes], SHA256.HashSizeInBytes);
        return JsonSerializer.SerializeToUtf8Bytes(header, _json);

        void Add(string name, string type, long[] shape, long bytes)
        {
            header.Add(name, new Place(type, shape, [end, end + bytes]));
            end += bytes;
        }
    }

    private static bool DigestMatches(FileStream stream)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        for (var left = stream.Length - SHA256.HashSizeInBytes; left > 0;)
        {
            var count = stream.Read(buffer, 0, (int)Math.Min(left, BufferSize));
            sha256.AppendData(buffer, 0, count);
            left -= count;
        }

        var written = new byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(written);
        return sha256.GetHashAndReset().AsSpan().SequenceEqual(written);
    }

    private byte[] Read(int count)
    {
        var bytes = new byte[count];
        _stream.ReadExactly(bytes);
        return bytes;
    }

    private bool Fits(string name, Tensor target) =>
        _places.TryGetValue(name, out var place) && place.Dtype == _types[target.dtype] && place.Shape.AsSpan().SequenceEqual(target.shape);

    /// <summary>A tensor in the header; offsets count from the header's end.</summary>
    private sealed record Place(string Dtype, long[] Shape, long[] DataOffsets);
}
