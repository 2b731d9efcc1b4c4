using static TorchSharp.torch;

namespace KdMtlBench.Host.Benchmarks.Pictures;

/// <summary>Pictures with a truth for every pixel, cut and converted batch by batch on the device that holds them.</summary>
/// <remarks>
/// To learn from, where augmented, each picture is enlarged by 1, 1.2 or 1.5, cut at random and mirrored half of the time,
/// as in Liu, Johns &amp; Davison's code. Only the image is interpolated: every target is that of one stored pixel. A depth is
/// divided by the enlargement s, as if the camera had come nearer. That squeezes the scene along the optical axis, so the
/// normals' forward component is multiplied by s and the vectors are made unit again (Eigen &amp; Fergus, ICCV 2015, section 6;
/// the code named above leaves them as they are). In a mirrored picture the component to the right changes its sign.
/// </remarks>
/// <param name="pictures">Shared by the splits; disposed with each of them.</param>
/// <param name="samples">The pictures of this split.</param>
/// <param name="device">Of the batches.</param>
/// <param name="augmented">Whether batches to learn from are changed at random.</param>
internal sealed class DenseSplit(DecodedPictures pictures, IReadOnlyList<int> samples, Device device, bool augmented) : Split
{
    /// <summary>Normals are (right, forward, up).</summary>
    public const int ForwardChannel = 1;

    private const double ShortestLength = 1e-6;

    private static readonly double[] _scales = [1, 1.2, 1.5];

    private readonly Tensor _pictures = tensor(samples.Select(sample => (long)sample).ToArray()).to(pictures.Stored[0].device).DetachFromDisposeScope();

    public override long Count => samples.Count;

    public override Batch Take(Samples samples)
    {
        using var scope = NewDisposeScope();
        var chosen = Chosen(samples);
        return Compose((_, stored) => stored.index_select(0, chosen), scales: null, mirrored: null);
    }

    public override Batch Draw(Samples samples, Random random)
    {
        if (!augmented)
            return Take(samples);
        using var scope = NewDisposeScope();
        var (height, width) = (pictures.Stored[0].shape[2], pictures.Stored[0].shape[3]);
        var scales = Enumerable.Range(0, samples.Count).Select(_ => _scales[random.Next(_scales.Length)]).ToArray();
        var cuts = scales.Select(scale => RandomCut(height, width, scale, random)).ToList();
        var chosen = Chosen(samples);
        return Compose(
            (field, stored) => field.Kind == FieldKind.Image
                ? Cutting.Smooth(AsFloats(stored.index_select(0, chosen)), cuts, height, width)
                : Cutting.Nearest(stored, chosen, cuts, height, width),
            scales,
            [.. cuts.Select(cut => cut.Mirrored)]);
    }

    protected override void Dispose(bool disposing)
    {
        _pictures.Dispose();
        pictures.Dispose();
    }

    private static Cut RandomCut(long height, long width, double scale, Random random)
    {
        var (part, breadth) = (height / scale, width / scale);
        return new Cut(random.NextDouble() * (height - part), random.NextDouble() * (width - breadth), part, breadth, random.Next(2) == 0);
    }

    private Tensor Chosen(Samples samples) => _pictures.index_select(0, samples.Indices.to(_pictures.device));

    private Batch Compose(Func<Field, Tensor, Tensor> cut, double[]? scales, bool[]? mirrored)
    {
        var fields = pictures.Fields.Zip(pictures.Stored, (field, stored) => Convert(field, cut(field, stored), scales, mirrored).to(device).MoveToOuterDisposeScope()).ToList();
        return new Batch("image", fields[0], fields[1..]);
    }

    private static Tensor Convert(Field field, Tensor values, double[]? scales, bool[]? mirrored) => field.Kind switch
    {
        FieldKind.Image => AsFloats(values),
        FieldKind.Labels => values.squeeze(1).to(ScalarType.Int64),
        FieldKind.Depth => scales is null ? values : values / PerPicture(scales, values.device),
        _ => Normals(values, scales, mirrored),
    };

    private static Tensor AsFloats(Tensor values) => values.dtype == ScalarType.Byte ? values.to(ScalarType.Float32).div_(255) : values;

    private static Tensor Normals(Tensor values, double[]? scales, bool[]? mirrored)
    {
        var vectors = values;
        if (values.dtype == ScalarType.Byte)
        {
            var isVoid = values.eq(127).all(1, keepdim: true).logical_or_(values.eq(128).all(1, keepdim: true));
            vectors = Unit((values.to(ScalarType.Float32) / 127.5 - 1).masked_fill_(isVoid, 0));
        }

        if (scales is null || mirrored is null)
            return vectors;
        var factors = ones(scales.Length, 3, 1, 1);
        factors[.., ForwardChannel].copy_(PerPicture(scales, CPU).view(-1, 1, 1));
        factors[.., 0].copy_(PerPicture([.. mirrored.Select(flip => flip ? -1.0 : 1)], CPU).view(-1, 1, 1));
        return Unit(vectors * factors.to(vectors.device));
    }

    private static Tensor Unit(Tensor vectors) => vectors * (vectors * vectors).sum(1, keepdim: true).clamp_(min: ShortestLength * ShortestLength).rsqrt_();

    private static Tensor PerPicture(double[] values, Device device) => tensor(Array.ConvertAll(values, value => (float)value)).to(device).view(-1, 1, 1, 1);
}
