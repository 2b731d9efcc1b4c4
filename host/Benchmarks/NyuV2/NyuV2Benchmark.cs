using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Host.Benchmarks.Pictures;

namespace KdMtlBench.Host.Benchmarks.NyuV2;

/// <summary>Indoor pictures with three tasks: 13 classes, depth and surface normals.</summary>
/// <remarks>
/// <para>From the original files: images are made smaller by weighted means, labels and depths are those of the nearest
/// pixel; normals come from a folder of PNGs (v / 127.5 − 1), or where there is none from the depth, which the run says.</para>
/// <para>Labels: 13 classes, −1 void. Depth in metres, 0 invalid. Normals are unit vectors (right, forward, up) that face
/// the camera, zero void.</para>
/// <para>The published protocols learn from all 795 training pictures and have no validation split; here some are held
/// back, so that nothing is selected on the test.</para>
/// </remarks>
[Benchmark("nyu-v2", Title = "NYU Depth v2", Paper = "Silberman, Hoiem, Kohli & Fergus, ECCV 2012; tasks of Liu, Johns & Davison, CVPR 2019")]
public sealed class NyuV2Benchmark(NyuV2Options options) : IBenchmark, INeedsData
{
    private static readonly DataSet _original = new("nyu-v2", "NYU Depth v2",
        "nyu_depth_v2_labeled.mat and splits.mat from https://cs.nyu.edu/~fergus/datasets/nyu_depth_v2.html, "
        + "classMapping40.mat and class13Mapping.mat from https://github.com/ankurhanda/nyuv2-meta-data",
        [["nyu_depth_v2_labeled.mat"], ["splits.mat"], ["classMapping40.mat"], ["class13Mapping.mat"]]);

    private static readonly DataSet _mtan = new("nyu-v2", "NYU Depth v2 as MTAN's authors prepared it",
        "the folders train and val from the links at https://github.com/lorenmt/mtan", [["train"], ["val"]]);

    public IReadOnlyList<LearningTask> Tasks { get; } =
        [new Segmentation("segmentation", NyuMatFile.Classes), new Depth("depth"), new SurfaceNormals("normals")];

    public IReadOnlyList<InputInfo> Inputs { get; } = [InputInfo.Image(3, options.Height, options.Width)];

    public IReadOnlyList<DataNeed> Data =>
    [
        new(_original, paths => PictureCheck.ReadAll(Original(paths))),
        new(_mtan, paths => PictureCheck.ReadAll(Mtan(paths))) { Under = "source: mtan" },
    ];

    /// <exception cref="InputException">A file is missing or bad.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while decoding.</exception>
    public BenchmarkData Load(DataContext context) =>
        DenseData.Load(
            options.Source == PictureFiles.Original ? Original(DataRoot.Locate(context.DataRoot, _original)) : Mtan(DataRoot.Locate(context.DataRoot, _mtan)),
            options.Validation, options.Seed, options.Augment, context);

    private NyuMatFile Original(IReadOnlyList<string> paths) => new(paths, (options.Height, options.Width));

    private NpyFolders Mtan(IReadOnlyList<string> folders) => new("nyu-v2", folders, (options.Height, options.Width), NyuMatFile.Classes,
    [
        new(FieldKind.Image, ["image"], 3),
        new(FieldKind.Labels, ["label"], 1),
        new(FieldKind.Depth, ["depth"], 1),
        new(FieldKind.Normals, ["normal"], 3),
    ]);
}

public sealed record NyuV2Options
{
    [Description("original: the authors' files; mtan: the .npy folders of Liu, Johns & Davison")]
    public PictureFiles Source { get; init; }

    [Description("pixels; original pictures are resized to it, .npy files must have it"), Range(16, 480)]
    public int Height { get; init; } = 288;

    [Description("pixels; as height"), Range(16, 640)]
    public int Width { get; init; } = 384;

    [Description("training pictures held back; with 0 the validation split is the training pictures themselves"), Range(0, 100000)]
    public int Validation { get; init; } = 95;

    [Description("training pictures are enlarged, cut and mirrored at random")]
    public bool Augment { get; init; }

    [Description("of the held-back pictures"), Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;
}
