using System.IO.Compression;
using KdMtlBench.Tests.Formats;

namespace KdMtlBench.Tests.Benchmarks.SvhnOmniglot;

/// <summary>Small sources in the exact layout of the originals, every pixel known by a formula.</summary>
internal static class Sources
{
    /// <summary>The class of picture n: 1 to 10 as SVHN counts, 10 for the digit 0.</summary>
    public static int SvhnLabel(int picture) => picture % 10 + 1;

    public static byte SvhnPixel(int picture, int channel, int row, int column) => (byte)(50 * picture + 80 * channel + 5 * row + column);

    /// <summary>X [32, 32, 3, count] and y [count, 1], column by column, packed as MATLAB packs them.</summary>
    public static void WriteSvhn(string path, int count, Func<int, int>? label = null)
    {
        var pixels = from picture in Enumerable.Range(0, count)
                     from channel in Enumerable.Range(0, 3)
                     from column in Enumerable.Range(0, 32)
                     from row in Enumerable.Range(0, 32)
                     select SvhnPixel(picture, channel, row, column);
        var labels = Enumerable.Range(0, count).Select(picture => (byte)(label ?? SvhnLabel)(picture));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Mat5.File(
            Mat5.Packed(Mat5.Bytes("X", [32, 32, 3, count], [.. pixels])),
            Mat5.Packed(Mat5.Numbers("y", kind: 6, [count, 1], Mat5.UInt8, [.. labels]))));
    }

    /// <summary>A drawing that shows, bit by bit in its first pixels, the class and the drawer; the rest is paper.</summary>
    public static byte[] Drawing(int character, int drawer)
    {
        var rows = Enumerable.Repeat((byte)255, 105 * 14).ToArray();
        (rows[0], rows[1]) = ((byte)character, (byte)drawer);
        return Png.Write(105, 105, 1, 0, rows);
    }

    /// <summary>The zip of images_background, with alphabets of two characters each.</summary>
    public static void WriteOmniglot(string path, IReadOnlyList<string> alphabets, int drawers = 20)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        zip.CreateEntry("images_background/");
        for (var character = 0; character < 2 * alphabets.Count; character++)
        {
            for (var drawer = 1; drawer <= drawers; drawer++)
            {
                using var entry = zip.CreateEntry($"images_background/{alphabets[character / 2]}/character{character % 2 + 1:00}/{character + 1:0000}_{drawer:00}.png").Open();
                entry.Write(Drawing(character, drawer));
            }
        }
    }
}
