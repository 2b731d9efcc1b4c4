using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Storage;

/// <summary>The finished runs of an output folder: those that its sweep asks for, <c>runs/&lt;id&gt;</c>, which make up the leaderboard, and those that it
/// asked for at other times, <c>pool/&lt;hash&gt;</c>.</summary>
/// <param name="output">The output folder.</param>
/// <remarks>A run moves between the two by one rename: wherever the process ends, it is whole and in one of them.</remarks>
internal sealed class RunPool(string output)
{
    private const string NetworkFile = "network.safetensors";

    private readonly RunStore _store = new(output);

    /// <summary>The runs outside the leaderboard.</summary>
    public static string FolderIn(string output) => Path.Combine(output, "pool");

    /// <summary>The run with this hash, where it was finished in this checkout.</summary>
    public FoundRun? Find(string id, string hash) => Finished(_store.Folder(id), Network(id), hash) ?? Finished(Pooled(hash), Path.Combine(Pooled(hash), NetworkFile), hash);

    /// <summary>Takes a run out of the leaderboard; an earlier one of the same hash is replaced.</summary>
    public void Put(string id)
    {
        var pooled = Pooled(RunStore.RecordIn(_store.Folder(id)) is { } record ? RunHash.Of(record) : id);
        Move(_store.Folder(id), pooled);
        if (File.Exists(Network(id)))
            File.Move(Network(id), Path.Combine(pooled, NetworkFile), overwrite: true);
    }

    /// <summary>Puts a run of the pool into the leaderboard.</summary>
    public void Take(string id, string hash)
    {
        TakeNetwork(id, Path.Combine(Pooled(hash), NetworkFile), File.Move);
        Move(Pooled(hash), _store.Folder(id));
    }

    /// <summary>Deletes a run of the pool that has been made again.</summary>
    public void Drop(string hash)
    {
        if (Directory.Exists(Pooled(hash)))
            Directory.Delete(Pooled(hash), recursive: true);
    }

    /// <summary>Copies a run of another output folder into the leaderboard; the record last, so that it never stands alone.</summary>
    /// <param name="run">The other folder's.</param>
    /// <param name="withNetwork">Whether to copy the network it ended with.</param>
    /// <exception cref="IOException">It is no longer there.</exception>
    public void Copy(FoundRun run, bool withNetwork)
    {
        var id = run.Record.Id;
        if (withNetwork)
            TakeNetwork(id, run.Network, File.Copy);
        foreach (var name in Directory.GetFiles(run.Folder).Select(file => Path.GetFileName(file)).Except([NetworkFile, RunStore.RecordFile]).Append(RunStore.RecordFile))
            Copy(Path.Combine(run.Folder, name), Path.Combine(_store.Folder(id), name));
    }

    private string Pooled(string hash) => Path.Combine(FolderIn(output), hash);

    private string Network(string id) => Path.Combine(output, "teachers", $"{id}.safetensors");

    private FoundRun? Finished(string folder, string network, string hash) =>
        RunStore.WasMadeHere(folder) && RunStore.RecordIn(folder) is { Status: RunStatus.Done } record && RunHash.Of(record) == hash ? new FoundRun(record, folder, network, output) : null;

    private void TakeNetwork(string id, string from, Action<string, string, bool> take)
    {
        if (!File.Exists(from))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Network(id))!);
        take(from, Network(id), true);
    }

    private static void Copy(string from, string to)
    {
        var content = File.ReadAllBytes(from);
        AtomicFile.Write(to, stream => stream.Write(content));
    }

    private static void Move(string from, string to)
    {
        if (Directory.Exists(to))
            Directory.Delete(to, recursive: true);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        Directory.Move(from, to);
    }
}
