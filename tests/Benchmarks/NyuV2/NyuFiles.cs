using KdMtlBench.Tests.Formats;

namespace KdMtlBench.Tests.Benchmarks.NyuV2;

/// <summary>The original files in their exact layout, small, every value known by a formula; five pictures of 32×24.</summary>
internal static class NyuFiles
{
    public const int Count = 5;
    public const int Height = 24;
    public const int Width = 32;

    public static byte Pixel(int picture, int channel, int row, int column) => (byte)(40 * picture + 70 * channel + 3 * row + column);

    public static float Depth(int picture, int row, int column) => row == 0 ? 0 : 1 + picture + (row / 100f) + (column / 1000f);

    /// <summary>0 for none, up to 894.</summary>
    public static ushort Label(int picture, int row, int column) => (ushort)(((100 * picture) + (32 * row) + column) % 895);

    /// <summary>As <see cref="WriteMaps"/> has it.</summary>
    public static int Class(int label) => label == 0 ? -1 : ((label - 1) % 40 * 7) % 13;

    public static void Write(string folder, int[]? train = null, int[]? test = null, Func<int, int, int, ushort>? label = null)
    {
        Directory.CreateDirectory(folder);
        var (images, depths, labels) = (new byte[Count, 3, Width, Height], new float[Count, Width, Height], new ushort[Count, Width, Height]);
        for (var picture = 0; picture < Count; picture++)
            for (var column = 0; column < Width; column++)
                for (var row = 0; row < Height; row++)
                {
                    for (var channel = 0; channel < 3; channel++)
                        images[picture, channel, column, row] = Pixel(picture, channel, row, column);
                    depths[picture, column, row] = Depth(picture, row, column);
                    labels[picture, column, row] = (label ?? Label)(picture, row, column);
                }

        Hdf5.Write(Path.Combine(folder, "nyu_depth_v2_labeled.mat"), ("images", images, [2, 3, Width, Height]), ("depths", depths, [1, Width, Height]), ("labels", labels, [2, 20, Height]));
        File.WriteAllBytes(Path.Combine(folder, "splits.mat"), Mat5.File(Indices("trainNdxs", train ?? [5, 1, 3]), Mat5.Packed(Indices("testNdxs", test ?? [2, 4]))));
        WriteMaps(folder);
    }

    /// <summary>894 labels to 40, 40 to 13 classes.</summary>
    public static void WriteMaps(string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, "classMapping40.mat"), Mat5.File(Mat5.Packed(Mat5.Bytes("mapClass", [1, 894], [.. Enumerable.Range(0, 894).Select(i => (byte)(i % 40 + 1))]))));
        File.WriteAllBytes(Path.Combine(folder, "class13Mapping.mat"), Mat5.File(Mat5.Packed(Mat5.Struct(
            "classMapping13", ("labels13", Mat5.Bytes("", [1, 40], [.. Enumerable.Range(0, 40).Select(i => (byte)(i * 7 % 13 + 1))]))))));
    }

    private static byte[] Indices(string name, int[] numbers) =>
        Mat5.Numbers(name, kind: 6, [numbers.Length, 1], Mat5.UInt16, [.. numbers.SelectMany(number => BitConverter.GetBytes((ushort)number))]);
}
