using System.Text.Json;
using System.Text.Json.Serialization;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Sweeps.Workers;

/// <summary>What a worker tells its supervisor: a line of JSON on its standard output.</summary>
internal sealed record WorkerEvent(WorkerEventKind Kind)
{
    private static readonly JsonSerializerOptions _json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>The run's id.</summary>
    public string? Run { get; init; }

    /// <summary>Of <see cref="WorkerEventKind.Started"/>: ids of the runs that are over.</summary>
    public IReadOnlyList<string> Over { get; init; } = [];

    /// <summary>Of <see cref="WorkerEventKind.RunStarted"/>: its record as it would be if the worker ended.</summary>
    public RunRecord? Record { get; init; }

    /// <summary>Of <see cref="WorkerEventKind.Resumed"/>: epochs behind it.</summary>
    public double Epochs { get; init; }

    /// <summary>Of <see cref="WorkerEventKind.EpochDone"/>.</summary>
    public EpochRecord? Epoch { get; init; }

    /// <summary>Of <see cref="WorkerEventKind.Alive"/>: epochs behind the runs that are under way, with a fraction.</summary>
    public IReadOnlyDictionary<string, double> Progress { get; init; } = new Dictionary<string, double>();

    /// <summary>A message, or what went wrong.</summary>
    public string? Text { get; init; }

    public string ToLine() => JsonSerializer.Serialize(this, _json);

    /// <summary>Null for a line that some library has printed.</summary>
    public static WorkerEvent? FromLine(string line)
    {
        try
        {
            return line.StartsWith('{') ? JsonSerializer.Deserialize<WorkerEvent>(line, _json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal enum WorkerEventKind
{
    /// <summary>The sweep is begun or joined.</summary>
    Started,
    RunStarted,
    Resumed,
    EpochDone,

    /// <summary>The run has its record.</summary>
    RunFinished,
    Message,

    /// <summary>Said twice a second.</summary>
    Alive,

    /// <summary>The last word: there is nothing left to begin.</summary>
    Done,

    /// <summary>The last word: it was asked to stop.</summary>
    Stopped,

    /// <summary>The last word: bad input.</summary>
    Refused,

    /// <summary>The last word: records cannot be written.</summary>
    Unwritable,

    /// <summary>The last word: a fault of the program.</summary>
    Faulty,
}
