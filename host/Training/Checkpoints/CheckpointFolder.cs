using System.Diagnostics;
using System.Globalization;

namespace KdMtlBench.Host.Training.Checkpoints;

/// <summary>The checkpoints of a run that is under way: the last two, so that there is one where the other is damaged.</summary>
/// <param name="folder">runs/&lt;id&gt;/checkpoint; gone when the run is over.</param>
/// <param name="identity">Hash of all that determines the run: nothing else is gone on from.</param>
internal sealed class CheckpointFolder(string folder, string identity)
{
    private const int Kept = 2;
    private const string Extension = ".safetensors";
    /// <summary>Writing may take this share of a run's time.</summary>
    private const double ShareOfTime = 0.02;

    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(0.25);

    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private TimeSpan _cost;

    /// <summary>The epochs that were over when files that are there were written, the latest first; whether they can be used shows when they are read.</summary>
    public IReadOnlyList<int> Epochs => [.. Places.Select(place => place.Epoch)];

    private IReadOnlyList<(int Epoch, int Step)> Places => !Directory.Exists(folder) ? [] : [.. Directory.GetFiles(folder, $"*{Extension}")
        .Select(PlaceOf).Where(place => place != default).OrderDescending()];

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
        var now = (checkpoint.Epoch, checkpoint.StepsIntoEpoch);
        checkpoint.Write(PathOf(now), identity);
        foreach (var place in Places.Where(place => place.CompareTo(now) < 0).Skip(Kept - 1))
            File.Delete(PathOf(place));
        _cost = _sinceLast.Elapsed;
    }

    /// <summary>Puts a run into the latest state that can be used.</summary>
    /// <param name="checkpoint">Of the run, before its first step.</param>
    /// <param name="warn">Told why a file cannot be used.</param>
    public void Restore(Checkpoint checkpoint, Action<string> warn)
    {
        var places = Places;
        foreach (var place in places)
        {
            try
            {
                checkpoint.Read(PathOf(place), identity);
                return;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                warn($"{PathOf(place)} {e.Message}; {(place == places[^1] ? "the run starts again" : "the one before it is taken")}");
                File.Delete(PathOf(place));
            }
        }
    }

    private string PathOf((int Epoch, int Step) place)
    {
        var step = place.Step == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"-step-{place.Step:D6}");
        return Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"epoch-{place.Epoch:D4}{step}{Extension}"));
    }

    private static (int Epoch, int Step) PlaceOf(string path) => Path.GetFileNameWithoutExtension(path).Split('-') switch
    {
        ["epoch", var epoch] => (Number(epoch), 0),
        ["epoch", var epoch, "step", var step] => (Number(epoch), Number(step)),
        _ => default,
    };

    private static int Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
