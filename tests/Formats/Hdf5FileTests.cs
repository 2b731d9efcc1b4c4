using KdMtlBench.Host.Formats;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Formats;

public sealed class Hdf5FileTests : IDisposable
{
    /// <summary>By h5py, with the oldest structures of HDF5, which MATLAB writes: three pictures of 8×6, axes reversed.</summary>
    private static readonly string _fixture = Path.Combine(Repository.Root, "tests/Formats/Fixtures/matlab-7.3.mat");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Slices_are_read_across_chunks_whatever_they_hold()
    {
        using var file = Hdf5File.Open(_fixture);
        var (images, depths, labels) = (file.Array("images", 4, 1), file.Array("depths", 3, 4), file.Array("labels", 3, 2));

        images.Shape.ShouldBe([3, 3, 8, 6]);
        (images.SlicesTogether, depths.SlicesTogether, labels.SlicesTogether).ShouldBe((2, 1, 2));
        var (pixels, metres, classes) = (new byte[2 * 144], new float[48], new ushort[3 * 48]);
        images.Read(1, 2, pixels);
        depths.Read(2, 1, metres);
        labels.Read(0, 3, classes);
        // As the fixture's script computes them: picture 2, green, column 7, row 5; and so on.
        pixels[144 + (1 * 48) + (7 * 6) + 5].ShouldBe((byte)(100 + 80 + 7 + 50));
        metres[(4 * 6) + 3].ShouldBe(1 + 2 + 0.4f + 0.03f, 1e-6f);
        classes[48 + (7 * 6) + 5].ShouldBe((ushort)175);
    }

    [Fact]
    public void What_purehdf_writes_is_read_again()
    {
        var values = new ushort[5, 3, 4];
        for (var i = 0; i < values.Length; i++)
            values[i / 12, i / 4 % 3, i % 4] = (ushort)(1000 * i);
        Hdf5.Write(_folder.File("new.mat"), ("labels", values, [2, 3, 4]));
        using var file = Hdf5File.Open(_folder.File("new.mat"));
        var labels = file.Array("labels", 3, 2);
        var buffer = new ushort[3 * labels.SliceLength];
        labels.Read(2, 3, buffer);

        buffer.ShouldBe(Enumerable.Range(24, 36).Select(i => (ushort)(1000 * i)));
    }

    [Fact]
    public void Another_shape_or_type_or_name_is_refused()
    {
        using var file = Hdf5File.Open(_fixture);
        Fault(() => file.Array("images", 3, 1)).ShouldContain("images is [3, 3, 8, 6], but 3 axes are expected");
        Fault(() => file.Array("labels", 3, 1)).ShouldContain("the values of labels have 2 bytes, but 1 are expected");
        Fault(() => file.Array("heights", 3, 1)).ShouldContain("heights cannot be read as HDF5");
    }

    [Theory]
    [InlineData("")]
    [InlineData("MATLAB 5.0 MAT-file")]
    public void Another_format_is_refused(string content)
    {
        File.WriteAllText(_folder.File("other.mat"), content);
        Fault(() => Hdf5File.Open(_folder.File("other.mat")).Dispose()).ShouldContain("the file cannot be read as HDF5");
    }

    /// <summary>The bound on memory is that of PureHDF, which asks for a damaged length once, up to 2 GiB of addresses, before
    /// reading it fails; none of it is touched.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_files_give_numbers_or_a_clear_refusal(bool packed)
    {
        var good = File.ReadAllBytes(packed ? _fixture : Plain());
        var path = _folder.File("damaged.mat");
        var most = 0L;

        var (accepted, refused) = Damage.Try(path, good, seed: 4, _ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            using var file = Hdf5File.Open(path);
            var labels = file.Array("labels", 3, 2);
            labels.SliceLength.ShouldBeGreaterThan(0);
            labels.Read(0, 1, new ushort[Math.Min(labels.SliceLength, 1 << 20)]);
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }, mostAllocated: 1L << 32);

        accepted.ShouldBeGreaterThan(10);
        refused.ShouldBeGreaterThan(100);
        most.ShouldBeLessThan(64L << 20);
    }

    private string Plain()
    {
        var path = _folder.File("plain.mat");
        Hdf5.Write(path, ("labels", new ushort[4, 6, 5], [2, 6, 5]));
        return path;
    }

    private static string Fault(Action read) => Should.Throw<InputException>(read).Message;
}
