namespace KdMtlBench.Host.Downloads;

/// <summary>How a data set stands.</summary>
internal enum DataStatus
{
    Whole,
    Missing,
    Damaged,
}

/// <summary>A data set looked at.</summary>
/// <param name="Status">How it stands.</param>
/// <param name="Message">What it holds and how that was found out, or what is wrong and what to do.</param>
internal sealed record DataInspection(DataStatus Status, string Message)
{
    /// <summary>Looks for a set's files, compares them with what is published and reads them.</summary>
    public static DataInspection Of(string? dataRoot, DataNeed need)
    {
        IReadOnlyList<string> paths;
        try
        {
            paths = DataRoot.Locate(dataRoot, need.Set);
        }
        catch (InputException e)
        {
            return new DataInspection(DataStatus.Missing, e.Message);
        }

        try
        {
            var compared = paths.Zip(need.Set.Files, (path, names) => (path, published: Published(need, path, names)))
                .Where(file => file.published?.ContentSha256 is not null).ToList();
            foreach (var (path, published) in compared)
                Contents.Compare(path, published!);
            var how = compared.Count == paths.Count ? "as published, by SHA-256" : compared.Count == 0
                ? "read to the end; no checksum is known"
                : $"read to the end; {compared.Count} of {paths.Count} files as published, by SHA-256";
            return new DataInspection(DataStatus.Whole, $"{need.Check(paths)} in {Path.GetDirectoryName(paths[0])} ({how})");
        }
#pragma warning disable CA1031 // a plugin's check may throw anything
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new DataInspection(DataStatus.Damaged, e is InputException ? e.Message : $"{paths[0]}: the check ended in {e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>The published form of a file: of its name, or of the only one among the names that the file may have.</summary>
    private static PublishedFile? Published(DataNeed need, string path, IReadOnlyList<string> names)
    {
        var candidates = need.Published.Where(published => names.Contains(published.Name)).ToList();
        return candidates.Find(published => published.Name == Path.GetFileName(path)) ?? (candidates.Count == 1 ? candidates[0] : null);
    }
}
