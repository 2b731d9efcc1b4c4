using System.IO.Compression;
using System.Text;
using KdMtlBench.Host.Formats;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Formats;

public sealed class ZipFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Wanted_files_come_in_the_order_of_the_zip()
    {
        var path = Write(("b/2.png", "two"), ("b/", ""), ("notes.txt", "no"), ("a/1.png", "one"));

        ZipFolder.Read(path, name => name.EndsWith(".png", StringComparison.Ordinal), 100)
            .Select(file => (file.Path, Encoding.ASCII.GetString(file.Content))).ShouldBe([("b/2.png", "two"), ("a/1.png", "one")]);
    }

    [Fact]
    public void Paths_that_lead_elsewhere_are_only_read()
    {
        var path = Write(("../outside.png", "x"), ("/tmp/kdmtl-outside.png", "y"));
        ZipFolder.Read(path, _ => true, 100).Count.ShouldBe(2);

        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBe([path]);
        File.Exists(Path.Combine(_folder.Path, "../outside.png")).ShouldBeFalse();
        File.Exists("/tmp/kdmtl-outside.png").ShouldBeFalse();
    }

    [Fact]
    public void A_file_larger_than_expected_is_refused() =>
        Should.Throw<InputException>(() => ZipFolder.Read(Write(("a.png", "12345")), _ => true, 4)).Message.ShouldContain("a.png is said to have 5 bytes, but 4 is the most");

    [Fact]
    public void A_file_that_is_no_zip_is_refused()
    {
        File.WriteAllText(_folder.File("a.zip"), "no zip");
        Should.Throw<InputException>(() => ZipFolder.Read(_folder.File("a.zip"), _ => true, 4)).Message.ShouldStartWith(_folder.File("a.zip"));
    }

    [Fact]
    public void Damaged_zips_give_their_pictures_or_a_clear_refusal()
    {
        var pixels = new byte[35];
        new Random(1).NextBytes(pixels);
        var picture = Png.Grey(7, 5, pixels);
        var good = File.ReadAllBytes(Write(("a/1.png", Encoding.Latin1.GetString(picture)), ("a/2.png", Encoding.Latin1.GetString(picture))));
        var path = _folder.File("damaged.zip");

        var (accepted, refused) = Damage.Try(path, good, seed: 5, _ =>
        {
            foreach (var file in ZipFolder.Read(path, name => name.EndsWith(".png", StringComparison.Ordinal), 1 << 16))
                PngImage.Read($"{path}: {file.Path}", file.Content).Samples.ShouldBe(pixels);
        });

        accepted.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(500);
    }

    private string Write(params (string Name, string Content)[] files)
    {
        var path = _folder.File("drawings.zip");
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, content) in files)
        {
            using var stream = zip.CreateEntry(name).Open();
            stream.Write(Encoding.Latin1.GetBytes(content));
        }

        return path;
    }
}
