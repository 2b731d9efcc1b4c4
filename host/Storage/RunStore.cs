using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using KdMtlBench.Host.Runs;

namespace KdMtlBench.Host.Storage;

/// <summary>The records of a sweep on disk: <c>runs/&lt;id&gt;/run.json</c> and <c>curve.csv</c>.</summary>
/// <param name="output">The sweep's output folder, results/&lt;name&gt;/output.</param>
/// <remarks>Every file is written whole or not at all; equal values give equal bytes.</remarks>
public sealed class RunStore(string output)
{
    /// <summary>What a run's folder holds: its record, and what tables and figures are made of.</summary>
    internal const string RecordFile = "run.json";

    internal const string CurveFileName = "curve.csv";
    internal const string ConflictFileName = "conflict.csv";
    internal const string ConfusionFileName = "confusion.csv";

    private const int Format = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // ° and + stay readable; nothing here enters a web page
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
    };

    private string Runs { get; } = Path.Combine(output, "runs");

    /// <summary>Where a run's files are.</summary>
    public string Folder(string id) => Path.Combine(Runs, id);

    public string RecordPath(string id) => Path.Combine(Folder(id), RecordFile);

    public string CurvePath(string id) => Path.Combine(Folder(id), CurveFileName);

    /// <summary>What the run's network makes of the first test pictures.</summary>
    public string PicturesPath(string id) => Path.Combine(Folder(id), "pictures.safetensors");

    /// <summary>Where a run that is under way keeps what it takes to go on.</summary>
    public string CheckpointFolder(string id) => Path.Combine(Folder(id), "checkpoint");

    public void Write(RunRecord record) => AtomicFile.Write(RecordPath(record.Id), ToJson(record));

    /// <summary>Keeps the whole of what a run failed with, stack trace included.</summary>
    public void WriteFailure(string id, string text) => AtomicFile.Write(FailurePath(id), text);

    /// <summary>For a run that has not failed this time.</summary>
    public void DeleteFailure(string id) => File.Delete(FailurePath(id));

    /// <summary>Rewrites the curve with all epochs so far.</summary>
    public void WriteCurve(string id, IReadOnlyList<EpochRecord> epochs) => CurveFile.Write(CurvePath(id), epochs);

    /// <summary>The run's epochs; empty where it has no curve yet.</summary>
    /// <exception cref="InputException">The file is damaged.</exception>
    public IReadOnlyList<EpochRecord> ReadCurve(string id) => File.Exists(CurvePath(id)) ? CurveFile.Read(CurvePath(id)) : [];

    /// <summary>Rewrites the gradients' cosines of all epochs so far; nothing for none.</summary>
    public void WriteConflict(string id, IReadOnlyList<ConflictRecord> epochs)
    {
        if (epochs.Count > 0)
            ConflictFile.Write(ConflictPath(id), epochs);
    }

    /// <summary>The gradients' cosines; empty where they were not looked at.</summary>
    /// <exception cref="InputException">The file is damaged.</exception>
    public IReadOnlyList<ConflictRecord> ReadConflict(string id) => File.Exists(ConflictPath(id)) ? ConflictFile.Read(ConflictPath(id)) : [];

    /// <summary>Writes what was taken for what; nothing for no classification.</summary>
    public void WriteConfusions(string id, IReadOnlyList<ConfusionRecord> cells)
    {
        if (cells.Count > 0)
            ConfusionFile.Write(ConfusionPath(id), cells);
    }

    /// <summary>What was taken for what; empty where nothing was written.</summary>
    /// <exception cref="InputException">The file is damaged.</exception>
    public IReadOnlyList<ConfusionRecord> ReadConfusions(string id) => File.Exists(ConfusionPath(id)) ? ConfusionFile.Read(ConfusionPath(id)) : [];

    /// <summary>The runs that have a record.</summary>
    public IReadOnlyList<string> Ids() => [.. RecordPaths().Select(path => Path.GetFileName(Path.GetDirectoryName(path)!))];

    /// <summary>Notes that the run was made in this checkout; git does not track the mark, so that records that came with a clone lack it.</summary>
    public void MarkMadeHere(string id) => AtomicFile.Write(MarkPath(Folder(id)), "");

    /// <summary>False for a record that came from elsewhere.</summary>
    /// <param name="runFolder">As <see cref="Folder"/> gives it.</param>
    internal static bool WasMadeHere(string runFolder) => File.Exists(MarkPath(runFolder));

    /// <summary>For a run that is over.</summary>
    public void DeleteCheckpoints(string id)
    {
        if (Directory.Exists(CheckpointFolder(id)))
            Directory.Delete(CheckpointFolder(id), recursive: true);
    }

    /// <summary>For a run that is to be made again; its curve and checkpoints stay.</summary>
    internal void DeleteRecord(string id)
    {
        if (File.Exists(RecordPath(id)))
            File.Delete(RecordPath(id));
    }

    /// <summary>Whether the run is over, well or badly.</summary>
    internal bool IsOver(string id) => File.Exists(RecordPath(id));

    /// <summary>All records in order of their folders; one that cannot be read is left out with a warning that names its file.</summary>
    public StoredRuns ReadAll()
    {
        var records = new List<RunRecord>();
        var warnings = new List<string>();
        foreach (var path in RecordPaths())
        {
            try
            {
                records.Add(FromJson(File.ReadAllText(path)));
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
            {
                warnings.Add($"{path} cannot be read and its run is left out: {e.Message}");
            }
        }

        return new StoredRuns(records, warnings);
    }

    /// <summary>The record in a run's folder; null where there is none that can be read.</summary>
    internal static RunRecord? RecordIn(string runFolder)
    {
        try
        {
            return FromJson(File.ReadAllText(Path.Combine(runFolder, RecordFile)));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Indented, kebab-case, keys of dictionaries sorted.</summary>
    internal static string ToJson(RunRecord record) => JsonSerializer.Serialize(
        record with
        {
            Settings = Sorted(record.Settings),
            Provenance = Sorted(record.Provenance),
            Validation = Sorted(record.Validation),
            Test = Sorted(record.Test),
            TrainLosses = Sorted(record.TrainLosses),
        },
        Json) + "\n";

    /// <exception cref="JsonException">Not a record, or one of a later format.</exception>
    internal static RunRecord FromJson(string text)
    {
        var record = JsonSerializer.Deserialize<RunRecord>(text, Json) ?? throw new JsonException("it holds no record");
        return record.Format == Format ? record : throw new JsonException($"its format is {record.Format}, this version reads {Format}");
    }

    private static SortedDictionary<string, T> Sorted<T>(IReadOnlyDictionary<string, T> values) =>
        new(values.ToDictionary(), StringComparer.Ordinal);

    private string FailurePath(string id) => Path.Combine(Folder(id), "failure.txt");

    private string ConflictPath(string id) => Path.Combine(Folder(id), ConflictFileName);

    private string ConfusionPath(string id) => Path.Combine(Folder(id), ConfusionFileName);

    private static string MarkPath(string runFolder) => Path.Combine(runFolder, ".here");

    private IEnumerable<string> RecordPaths() => !Directory.Exists(Runs) ? [] : Directory.GetDirectories(Runs)
        .Order(StringComparer.Ordinal)
        .Select(folder => Path.Combine(folder, RecordFile))
        .Where(File.Exists);
}
