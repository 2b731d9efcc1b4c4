using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using KdMtlBench.Contracts.Benchmarks.Tasks;
using KdMtlBench.Host.Benchmarks.Pictures;

namespace KdMtlBench.Host.Benchmarks.Cityscapes;

/// <summary>Street pictures with two tasks: 7 or 19 classes, and depth.</summary>
/// <remarks>
/// <para>The depth is inverse: disparity / 65535 of the 16-bit files, 0 invalid, without a unit, as published.</para>
/// <para>From the original files images are made smaller by weighted means; labels and disparities are those of the nearest
/// pixel. Only the 19 classes that the data set's own evaluation counts are not void; the 7 are their categories.</para>
/// <para>The authors' 500 validation pictures are the test; some training pictures are held back for validation.</para>
/// </remarks>
[Benchmark("cityscapes", Title = "Cityscapes", Paper = "Cordts et al., CVPR 2016; tasks of Liu, Johns & Davison, CVPR 2019")]
public sealed class CityscapesBenchmark(CityscapesOptions options) : IBenchmark, INeedsData
{
    private const string Account = " from https://www.cityscapes-dataset.com/downloads/ (with an account)";

    private static readonly DataSet _original = new("cityscapes", "Cityscapes",
        "leftImg8bit_trainvaltest.zip, gtFine_trainvaltest.zip and disparity_trainvaltest.zip" + Account + ", unpacked",
        [["leftImg8bit"], ["gtFine"], ["disparity"]]);

    private static readonly DataSet _mtan = new("cityscapes", "Cityscapes as MTAN's authors prepared it",
        "the folders train and val from the links at https://github.com/lorenmt/mtan", [["train"], ["val"]]);

    public IReadOnlyList<LearningTask> Tasks { get; } = options.Classes is 7 or 19
        ? [new Segmentation("segmentation", options.Classes, CityscapesClasses.Names(options.Classes)), new Depth("depth", unit: "")]
        : throw new InputException($"cityscapes has 7 or 19 classes, not {options.Classes}");

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

    private CityscapesFolders Original(IReadOnlyList<string> folders) => new(folders, (options.Height, options.Width), options.Classes);

    private NpyFolders Mtan(IReadOnlyList<string> folders) => new("cityscapes", folders, (options.Height, options.Width), options.Classes,
    [
        new(FieldKind.Image, ["image"], 3),
        new(FieldKind.Labels, [$"label_{options.Classes}", "label"], 1),
        new(FieldKind.Depth, ["depth"], 1),
    ]);
}

public sealed record CityscapesOptions
{
    [Description("original: the authors' files; mtan: the .npy folders of Liu, Johns & Davison")]
    public PictureFiles Source { get; init; }

    [Description("7 categories, or the 19 classes of the data set's own evaluation")]
    public int Classes { get; init; } = 7;

    [Description("pixels; original pictures are resized to it, .npy files must have it"), Range(16, 1024)]
    public int Height { get; init; } = 128;

    [Description("pixels; as height"), Range(16, 2048)]
    public int Width { get; init; } = 256;

    [Description("training pictures held back; with 0 the validation split is the training pictures themselves"), Range(0, 100000)]
    public int Validation { get; init; } = 475;

    [Description("training pictures are enlarged, cut and mirrored at random")]
    public bool Augment { get; init; }

    [Description("of the held-back pictures"), Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;
}
