using KdMtlBench.Host.Benchmarks.Pictures;
using KdMtlBench.Tests.Support;
using TorchSharp;

namespace KdMtlBench.Tests.Benchmarks.Pictures;

/// <summary>On pictures whose depth names the pixel: depth = 1 + row + column / 100; the image is a ramp; labels and normals
/// are random.</summary>
public sealed class DenseSplitTests : TensorTest
{
    private const int Height = 40;
    private const int Width = 60;

    private readonly TemporaryFolder _folder = new();
    private readonly Ramps _source = new();

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    [Fact]
    public void Whatever_is_shown_of_a_picture_its_targets_belong_together()
    {
        using var data = Load(augment: true);
        var (scales, mirrored) = (new HashSet<double>(), new HashSet<bool>());
        for (var seed = 0; seed < 12; seed++)
        {
            var batch = data.Train.Draw(Samples.Of([1, 0], CPU), new Random(seed));
            for (var i = 0; i < 2; i++)
                Check(batch, i, picture: 1 - i);
        }

        scales.Order().ShouldBe([1, 1.2, 1.5]);
        mirrored.Count.ShouldBe(2);

        void Check(Batch batch, int i, int picture)
        {
            var depth = batch.Targets[1][i, 0].contiguous().data<float>().ToArray();
            var scale = new[] { 1, 1.2, 1.5 }.Single(s => depth.All(value => Math.Abs((value * s * 100) - Math.Round(value * s * 100)) < 0.02 && value * s < 41));
            var places = depth.Select(value => (int)Math.Round(((value * scale) - 1) * 100)).Select(code => (Row: code / 100, Column: code % 100)).ToArray();
            var flip = places[0].Column > places[Width - 1].Column;
            scales.Add(scale);
            mirrored.Add(flip);
            for (var at = 0; at < places.Length; at += 7)
            {
                var (row, column) = places[at];
                var (i0, y, x) = (picture, at / Width, at % Width);
                batch.Targets[0][i, y, x].item<long>().ShouldBe(_source.Labels[i0, row, column].item<sbyte>());
                // The ramp is linear: the interpolated value is within a pixel of the nearest one's.
                batch.Inputs["image"][i, 0, y, x].item<float>().ShouldBe(row * 3 / 255f, 3.1f / 255);
                batch.Inputs["image"][i, 1, y, x].item<float>().ShouldBe(column * 4 / 255f, 4.1f / 255);
                var normal = _source.Normals[i0, .., row, column].data<float>().ToArray();
                double[] expected = [flip ? -normal[0] : normal[0], normal[1] * scale, normal[2]];
                var length = Math.Max(1e-9, Math.Sqrt(expected.Sum(value => value * value)));
                for (var channel = 0; channel < 3; channel++)
                    batch.Targets[2][i, channel, y, x].item<float>().ShouldBe((float)(expected[channel] / length), 1e-5f);
            }
        }
    }

    [Fact]
    public void What_is_scored_is_never_changed()
    {
        using var data = Load(augment: true);
        foreach (var split in new[] { data.Validation, data.Test })
        {
            var (drawn, taken) = (split.Draw(Samples.Range(0, 1, CPU), new Random(1)), split.Take(Samples.Range(0, 1, CPU)));
            (drawn.Inputs["image"] - taken.Inputs["image"]).abs().max().item<float>().ShouldBe(0);
            (drawn.Targets[1] - taken.Targets[1]).abs().max().item<float>().ShouldBe(0);
        }

        using var plain = Load(augment: false);
        (plain.Train.Draw(Samples.Range(0, 2, CPU), new Random(1)).Inputs["image"] - plain.Train.Take(Samples.Range(0, 2, CPU)).Inputs["image"]).abs().max().item<float>().ShouldBe(0);
    }

    [Fact]
    public void The_random_source_decides_alone()
    {
        using var data = Load(augment: true);
        var (first, again, other) = (Draw(1), Draw(1), Draw(2));

        (first - again).abs().max().item<float>().ShouldBe(0);
        (first - other).abs().max().item<float>().ShouldBeGreaterThan(0);

        Tensor Draw(int seed) => data.Train.Draw(Samples.Range(0, 2, CPU), new Random(seed)).Targets[1];
    }

    [Fact]
    public void Data_that_does_not_fit_on_the_device_stays_where_it_is()
    {
        var reports = new List<string>();
        var context = new DataContext(null, new torch.Device(DeviceType.CUDA), default) { Report = reports.Add };
        Tensor[] tensors = [zeros(3), zeros(4)];

        DecodedPictures.Place(tensors, context, (tensor, _) => tensor.clone()).ShouldNotBeSameAs(tensors);
        reports.ShouldBeEmpty();
        DecodedPictures.Place(tensors, context, (tensor, _) => tensor.numel() < 10 ? tensor.clone()
            : throw new System.Runtime.InteropServices.ExternalException("CUDA out of memory. Tried to allocate")).ShouldBeSameAs(tensors);
        reports.ShouldHaveSingleItem().ShouldContain("it stays in host memory");
    }

    private BenchmarkData Load(bool augment) =>
        DenseData.Load(_source, validation: 1, seed: 1, augment, new DataContext(null, CPU, default) { CacheFolder = _folder.File("cache") });

    private sealed class Ramps : PictureSource
    {
        public Tensor Labels { get; } = randint(-1, 13, [4, Height, Width], generator: new Generator(1)).to(ScalarType.Int8);

        public Tensor Normals { get; } = nn.functional.normalize(randn([4, 3, Height, Width], generator: new Generator(2)), 2, 1)
            * rand([4, 1, Height, Width], generator: new Generator(3)).gt(0.2); // some are void

        public override string Name => "ramps";

        public override string Description => "ramps";

        public override int Count => 4;

        public override (int Height, int Width) Size => (DenseSplitTests.Height, DenseSplitTests.Width);

        public override IReadOnlyList<Field> Fields { get; } =
        [
            new(FieldKind.Image, ScalarType.Byte, 3), new(FieldKind.Labels, ScalarType.Int8, 1),
            new(FieldKind.Depth, ScalarType.Float32, 1), new(FieldKind.Normals, ScalarType.Float32, 3),
        ];

        // The seed holds one of the three back; the test asks for the other two by their order.
        public override IReadOnlyList<int> Train => [0, 1, 2];

        public override IReadOnlyList<int> Test => [3];

        public override IReadOnlyList<string> Files => [typeof(Ramps).Assembly.Location];

        public override string Settings => "";

        public override PictureReader OpenReader() => new Reader(this);

        private sealed class Reader(Ramps source) : PictureReader
        {
            public override void Read(int first, IReadOnlyList<PictureRow> rows)
            {
                using var scope = NewDisposeScope();
                for (var i = 0; i < rows.Count; i++)
                {
                    source.Labels[first + i].data<sbyte>().ToArray().CopyTo(rows[i].Of<sbyte>(1));
                    source.Normals[first + i].data<float>().ToArray().CopyTo(rows[i].Of<float>(3));
                    for (var place = 0; place < Height * Width; place++)
                    {
                        var (row, column) = (place / Width, place % Width);
                        (rows[i].Of<byte>(0)[place], rows[i].Of<byte>(0)[(Height * Width) + place]) = ((byte)(row * 3), (byte)(column * 4));
                        rows[i].Of<float>(2)[place] = 1 + row + (column / 100f);
                    }
                }
            }
        }
    }
}
