using System.Text.Json;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps.Reading;

namespace KdMtlBench.Host.Sweeps.Workers;

/// <summary>What a worker is to do: the first line of its standard input. Another line asks it to stop; the end of the input is the end of its supervisor.</summary>
public sealed record WorkerJob
{
    private static readonly JsonSerializerOptions _json = new() { RespectNullableAnnotations = true };

    public required string SweepFile { get; init; }

    public required SweepOverrides Overrides { get; init; }

    /// <summary>The output folder of the sweep.</summary>
    public required string Folder { get; init; }

    /// <summary>Ids of the sweep's own runs, without trials and those that are chosen by them.</summary>
    public required IReadOnlyList<string> Runs { get; init; }

    /// <summary>Which round of the sweep to make: rounds of trials first, from 0, then the sweep.</summary>
    public int Round { get; init; }

    public required string Device { get; init; }

    /// <summary>Runs at once.</summary>
    public required int Parallel { get; init; }

    /// <summary>Workers of the supervisor.</summary>
    public required int Workers { get; init; }

    public string? Data { get; init; }

    public string? Plugins { get; init; }

    public required double StepLimitSeconds { get; init; }

    public bool Fresh { get; init; }

    public bool Conflict { get; init; }

    public bool TensorBoard { get; init; }

    /// <summary>How the user has called the supervisor.</summary>
    public required IReadOnlyList<string> CalledAs { get; init; }

    public required Share Share { get; init; }

    /// <summary>What a supervisor asks of a worker.</summary>
    internal static WorkerJob For(SweepPart part, WorkerSettings settings, string device, Share share) => new()
    {
        SweepFile = part.Whole.File,
        Overrides = settings.Overrides,
        Folder = part.Whole.Folder,
        Runs = [.. part.Whole.Runs.Select(run => run.Id)],
        Round = part.Round,
        Device = device,
        Parallel = share.GivenOnly ? 1 : settings.Parallel,
        Workers = settings.Devices.Count,
        Data = settings.Data,
        Plugins = settings.Plugins,
        StepLimitSeconds = settings.StepLimit.TotalSeconds,
        Fresh = settings.Fresh && !share.Joins, // what was made since stays
        Conflict = settings.Conflict,
        TensorBoard = settings.TensorBoard,
        CalledAs = Provenance.CalledAs,
        Share = share,
    };

    public string ToLine() => JsonSerializer.Serialize(this, _json);

    /// <summary>Null for a line that is none.</summary>
    public static WorkerJob? FromLine(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<WorkerJob>(line, _json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The sweep that its file holds, as far as the supervisor asks for it.</summary>
    /// <exception cref="InputException">The file has changed.</exception>
    internal Sweep WholeOf(Sweep read)
    {
        var wanted = Runs.ToHashSet(StringComparer.Ordinal);
        var whole = read with { Folder = Folder, Runs = [.. read.Runs.Where(run => wanted.Contains(run.Id))] };
        return whole.Runs.Count == wanted.Count ? whole : throw new InputException($"{SweepFile} has changed since the sweep was started; run it again");
    }

    /// <summary>The runs of it to make.</summary>
    internal Sweep PartOf(Sweep whole) =>
        Tuner.Rounds(whole, trials => new RunStore(trials.Folder).ReadAll().Records).ElementAt(Round);
}
