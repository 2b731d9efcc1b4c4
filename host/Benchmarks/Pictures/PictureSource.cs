using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Pictures;

/// <summary>What a field of a picture means; it decides how the field is converted and cut.</summary>
internal enum FieldKind
{
    /// <summary>uint8, or float32 up to 1.</summary>
    Image,

    /// <summary>int8 classes, −1 void.</summary>
    Labels,

    /// <summary>float32, 0 invalid.</summary>
    Depth,

    /// <summary>float32 unit vectors, zero void; or uint8 v of v / 127.5 − 1, all of 127 or all of 128 void.</summary>
    Normals,
}

/// <summary>One field of every picture, [channels, height, width].</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Type">As it is kept.</param>
/// <param name="Channels">1 or 3.</param>
internal sealed record Field(FieldKind Kind, ScalarType Type, int Channels);

/// <summary>Pictures in files, with what is known of every pixel.</summary>
internal abstract class PictureSource
{
    /// <summary>For messages and the cache: <c>nyu-v2</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What was read and what was computed, in a sentence.</summary>
    public abstract string Description { get; }

    public abstract int Count { get; }

    public abstract (int Height, int Width) Size { get; }

    /// <summary>The image first, then one a task.</summary>
    public abstract IReadOnlyList<Field> Fields { get; }

    /// <summary>Pictures to learn from, each from 0 to <see cref="Count"/> − 1.</summary>
    public abstract IReadOnlyList<int> Train { get; }

    /// <summary>Pictures of the test.</summary>
    public abstract IReadOnlyList<int> Test { get; }

    /// <summary>All files that the pictures come from.</summary>
    public abstract IReadOnlyList<string> Files { get; }

    /// <summary>All else that the decoded pictures depend on.</summary>
    public abstract string Settings { get; }

    /// <summary>Pictures that are best read at once, from a multiple of it on.</summary>
    public virtual int Together => 1;

    /// <summary>A reader for one thread.</summary>
    public abstract PictureReader OpenReader();

    /// <summary>SHA-256 of the files' contents and the settings, lower-case hex; names count, folders above do not.</summary>
    public string Sha256(CancellationToken cancellation)
    {
        var root = Path.GetDirectoryName(Files[0])!;
        var sums = new string[Files.Count];
        Parallel.For(0, Files.Count, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            using var file = File.OpenRead(Files[i]);
            sums[i] = $"{Path.GetRelativePath(root, Files[i])} {Convert.ToHexStringLower(SHA256.HashData(file))}\n";
        });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(sums) + Settings)));
    }
}

/// <summary>Decodes pictures on one thread.</summary>
internal abstract class PictureReader : IDisposable
{
    /// <summary>Fills the rows of pictures first, first + 1, …</summary>
    /// <exception cref="InputException">A file is bad.</exception>
    public abstract void Read(int first, IReadOnlyList<PictureRow> rows);

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>Where one decoded picture goes.</summary>
/// <param name="fields">Of each field the picture's [channels, height, width], in host memory.</param>
internal sealed class PictureRow(IReadOnlyList<Tensor> fields)
{
    /// <summary>[channels × height × width] of a field.</summary>
    public Span<T> Of<T>(int field)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(fields[field].bytes);
}
