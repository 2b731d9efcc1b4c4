namespace KdMtlBench.Host.Benchmarks.Cityscapes;

/// <summary>From the label ids of gtFine to the classes that are scored; all others are void.</summary>
internal static class CityscapesClasses
{
    private static readonly string[] _names =
    [
        "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign", "vegetation", "terrain", "sky",
        "person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
    ];

    private static readonly string[] _categories = ["flat", "construction", "object", "nature", "sky", "human", "vehicle"];

    // The ids of the 19 classes in their order.
    private static readonly int[] _scoredIds = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];

    private static readonly sbyte[] _categoryOf = [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 6, 6, 6, 6, 6];

    /// <summary>Of the classes, or of the categories.</summary>
    /// <param name="classes">19 or 7.</param>
    public static IReadOnlyList<string> Names(int classes) => classes == _scoredIds.Length ? _names : _categories;

    /// <summary>The class of each possible id, −1 void.</summary>
    /// <param name="classes">19, or 7 for the categories of the same pixels.</param>
    public static sbyte[] OfIds(int classes)
    {
        var map = Enumerable.Repeat((sbyte)-1, 256).ToArray();
        for (var i = 0; i < _scoredIds.Length; i++)
            map[_scoredIds[i]] = classes == _scoredIds.Length ? (sbyte)i : _categoryOf[i];
        return map;
    }
}
