namespace KdMtlBench.Host.Runs;

/// <summary>What a classification scores without having learnt anything: the share of the most frequent class, which is what always
/// answering that class gives.</summary>
internal static class Chance
{
    /// <summary>Allowed for the draw of the test images: as many standard errors of the share.</summary>
    private const double StandardErrors = 2;

    /// <summary>The tasks whose accuracy is not above that share p of the n images by more than 2 √(p(1 − p)/n).</summary>
    /// <remarks>Where the limit is 1 or more, with a single class or a handful of images, nothing can be said, and nothing is.</remarks>
    /// <param name="cells">Of one run; whole images with a class each.</param>
    public static IReadOnlyList<string> TasksAt(IEnumerable<ConfusionRecord> cells) =>
        [.. cells.GroupBy(cell => cell.Task).Where(task => IsAt([.. task])).Select(task => task.Key)];

    private static bool IsAt(IReadOnlyList<ConfusionRecord> cells)
    {
        var images = (double)cells.Sum(cell => cell.Count);
        var accuracy = cells.Where(cell => cell.Truth == cell.Predicted).Sum(cell => cell.Count) / images;
        var share = cells.GroupBy(cell => cell.Truth).Max(truth => truth.Sum(cell => cell.Count)) / images;
        var limit = share + StandardErrors * Math.Sqrt(share * (1 - share) / images);
        return limit < 1 && accuracy <= limit;
    }
}
