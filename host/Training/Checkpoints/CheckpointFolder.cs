using System.Diagnostics;
using System.Globalization;

namespace KdMtlBench.Host.Training.Checkpoints;

/// <summary>The checkpoints of a run that is under way: the last two, so that there is one where the other is damaged.</summary>
/// <param name="folder">runs/&lt;id&gt;/checkpoint; gone when the run is over.</param>
/// <param name="identity">Hash of all that determines the run: nothing else is gone on from.</param>
internal sealed class CheckpointFolder(string folder, string identity)
{
    private const int Kept = 2;
    private const string Prefix = "epoch-";
    private const string Extension = ".safetensors";

    /// <summary>Writing may take this share of a run's time.</summary>
    private const double ShareOfTime = 0.02;

    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(0.25);

    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private TimeSpan _cost;

    /// <summary>The epochs that files are there of, the latest first; whether they can be used shows when they are read.</summary>
    public IReadOnlyList<int> Epochs => !Directory.Exists(folder) ? [] : [.. Directory.GetFiles(folder, $"{Prefix}*{Extension}")
        .Select(path => int.TryParse(Path.GetFileName(path)[Prefix.Length..^Extension.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : 0)
        .Where(epoch => epoch > 0)
        .OrderDescending()];

    /// <summary>Writes one where the last is so long ago that its writing does not count.</summary>
    public void SaveWhenDue(Checkpoint checkpoint)
    {
        var wait = _cost / ShareOfTime;
        if (_sinceLast.Elapsed > (wait > _shortest ? wait : _shortest))
            Save(checkpoint);
    }

    /// <summary>Writes one; of earlier ones, all but the last go.</summary>
    public void Save(Checkpoint checkpoint)
    {
        _sinceLast.Restart();
        checkpoint.Write(PathOf(checkpoint.Epoch), identity);
        foreach (var epoch in Epochs.Where(epoch => epoch < checkpoint.Epoch).Skip(Kept - 1))
            File.Delete(PathOf(epoch));
        _cost = _sinceLast.Elapsed;
    }

    /// <summary>Puts a run into the latest state that can be used.</summary>
    /// <param name="checkpoint">Of the run, before its first step.</param>
    /// <param name="warn">Told why a file cannot be used.</param>
    public void Restore(Checkpoint checkpoint, Action<string> warn)
    {
        foreach (var epoch in Epochs)
        {
            try
            {
                checkpoint.Read(PathOf(epoch), identity);
                return;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                warn($"{PathOf(epoch)} {e.Message}; {(epoch == Epochs[^1] ? "the run starts again" : "the one before it is taken")}");
                File.Delete(PathOf(epoch));
            }
        }
    }

    private string PathOf(int epoch) => Path.Combine(folder, $"{Prefix}{epoch.ToString("D4", CultureInfo.InvariantCulture)}{Extension}");
}
