using KdMtlBench.Host.Formats;

namespace KdMtlBench.Host.Benchmarks.SvhnOmniglot;

/// <summary>Colour pictures of 32×32 pixels with a digit each.</summary>
/// <param name="Pixels">[count, 3, 32, 32].</param>
/// <param name="Labels">[count], 0 to 9.</param>
internal sealed record SvhnDigits(byte[] Pixels, byte[] Labels)
{
    public const int Side = 32;

    private const int PictureBytes = 3 * Side * Side;

    /// <summary>Street View House Numbers, cropped digits.</summary>
    public static DataSet Files { get; } = new("svhn", "SVHN", "train_32x32.mat and test_32x32.mat from http://ufldl.stanford.edu/housenumbers/",
        [["train_32x32.mat"], ["test_32x32.mat"]]);

    public int Count => Labels.Length;

    /// <summary>Reads X [32, 32, 3, count], column by column, and y [count, 1], where 10 stands for the digit 0.</summary>
    public static SvhnDigits Read(string path)
    {
        var variables = Mat5File.Read(path, "X", "y");
        if (variables["X"] is not MatNumbers { Type: MatNumberType.UInt8, Dimensions: [Side, Side, 3, > 0 and var count] } x)
            throw Faults.In(path, $"X is not {Side}×{Side}×3×count of uint8 but {string.Join("×", variables["X"].Dimensions)}");
        if (variables["y"] is not MatNumbers y || y.Count != count)
            throw Faults.In(path, $"y does not hold one label for each of the {count} pictures");
        var labels = y.ToDoubles();
        var wrong = Array.FindIndex(labels, label => label is not (>= 1 and <= 10) || label != Math.Floor(label));
        if (wrong >= 0)
            throw Faults.In(path, $"label {wrong} (counted from 0) is {labels[wrong]}, expected 1 to 10");
        return new SvhnDigits(RowByRow(x.Bytes), Array.ConvertAll(labels, label => (byte)(label % 10)));
    }

    /// <summary>The first axis fastest, rows, columns, channels → columns fastest, then rows, then channels.</summary>
    private static byte[] RowByRow(byte[] columnByColumn)
    {
        var pixels = new byte[columnByColumn.Length];
        Parallel.For(0, pixels.Length / PictureBytes, picture =>
        {
            for (var channel = 0; channel < 3; channel++)
            {
                var start = picture * PictureBytes + channel * Side * Side;
                for (var row = 0; row < Side; row++)
                    for (var column = 0; column < Side; column++)
                        pixels[start + row * Side + column] = columnByColumn[start + column * Side + row];
            }
        });
        return pixels;
    }
}
