namespace KdMtlBench.Host.Downloads;

/// <summary>Brings a data set with stable addresses to its place.</summary>
internal sealed class DataDownload(Downloader downloader)
{
    /// <summary>Downloads what is not there, compares and reads it; a file is in its place only when it is whole.</summary>
    /// <param name="dataRoot">The set's folder is made in it.</param>
    /// <param name="need">With an address for each file to get.</param>
    /// <param name="progress">Told file name, bytes so far and, where known, all bytes.</param>
    /// <param name="cancellation">Ctrl-C; the next call goes on where this one ended.</param>
    /// <returns>What the set holds.</returns>
    /// <exception cref="InputException">A file cannot be had or is not what it should be; nothing that was there is touched.</exception>
    public async Task<string> RunAsync(string dataRoot, DataNeed need, Action<string, long, long?> progress, CancellationToken cancellation)
    {
        var folder = Path.Combine(dataRoot, need.Set.Id);
        var fetched = new List<string>();
        foreach (var published in need.Published.Where(published => published.Address is not null))
        {
            var path = Path.Combine(folder, published.Name);
            if (File.Exists(path))
                continue;
            await downloader.FetchAsync(published.Address!, path, (bytes, all) => progress(published.Name, bytes, all), cancellation);
            Place(path, published);
            fetched.Add(path);
        }

        var inspection = DataInspection.Of(dataRoot, need);
        if (inspection.Status == DataStatus.Whole)
            return inspection.Message;
        fetched.ForEach(File.Delete); // what a server gave instead of the file, such as a page that says sorry
        throw new InputException(fetched.Count == 0 ? inspection.Message : $"{inspection.Message} (what was downloaded now is deleted again)");
    }

    private static void Place(string path, PublishedFile published)
    {
        var partial = Downloader.PartialPath(path);
        try
        {
            Contents.Compare(partial, published);
        }
        catch (InputException e)
        {
            File.Delete(partial);
            throw new InputException($"{published.Address} gave something else than the published file and it is deleted again: {e.Message}");
        }

        File.Move(partial, path);
        File.Delete(partial + ".version");
    }
}
