using System.Text;
using System.Text.Json;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;

namespace KdMtlBench.Host.Results.References;

/// <summary>A sweep's stored results, which others' are compared with: four or five files, whatever the number of runs.</summary>
/// <remarks><c>reference.json</c> says whose they are; <c>runs.tar.gz</c> holds every run's record, curve and confusions; <c>leaderboard.csv</c> and
/// <c>leaderboard.md</c> are made of them; <c>tuning.csv</c> is there where the sweep was tuned.</remarks>
internal sealed class Reference
{
    public const string ManifestFile = "reference.json";
    public const string ArchiveFile = "runs.tar.gz";

    /// <summary>Raised where the folder is no longer what an earlier version reads.</summary>
    public const int Format = 1;

    private static readonly JsonSerializerOptions _json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // a name may hold any letter
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private readonly string _folder;

    private Reference(string folder, ReferenceManifest manifest) => (_folder, Manifest) = (folder, manifest);

    public ReferenceManifest Manifest { get; }

    public static bool ExistsIn(string folder) => File.Exists(Path.Combine(folder, ManifestFile));

    /// <exception cref="InputException">There is none, or it cannot be read.</exception>
    public static Reference Open(string folder)
    {
        var path = Path.Combine(folder, ManifestFile);
        if (!File.Exists(path))
            throw new InputException($"there is no stored reference {folder}");
        try
        {
            var manifest = JsonSerializer.Deserialize<ReferenceManifest>(File.ReadAllText(path), _json) ?? throw new JsonException("it is empty");
            return manifest.Format == Format ? new Reference(folder, manifest) : throw new JsonException($"its format is {manifest.Format}, this version reads {Format}");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>The runs' records, in order of their ids; without those of a tuned sweep's trials.</summary>
    /// <exception cref="InputException">The archive is damaged.</exception>
    public IReadOnlyList<RunRecord> Records()
    {
        var records = Read(files => files
            .Where(file => file.Name.StartsWith("runs/", StringComparison.Ordinal) && file.Name.EndsWith($"/{RunStore.RecordFile}", StringComparison.Ordinal))
            .Select(file => RunStore.FromJson(Encoding.UTF8.GetString(file.Content))).ToList());
        return records.Count == Manifest.Runs ? records
            : throw Unreadable(Path.Combine(_folder, ArchiveFile), new InvalidDataException($"it holds {records.Count} records, and {ManifestFile} says {Manifest.Runs}"));
    }

    /// <summary>Puts the runs' files into a folder, as an output folder has them; what was there goes.</summary>
    /// <exception cref="InputException">The archive is damaged.</exception>
    public void Unpack(string target)
    {
        var root = Path.GetFullPath(target) + Path.DirectorySeparatorChar;
        if (Directory.Exists(target))
            Directory.Delete(target, recursive: true);
        var files = Read(files => files.ToList());
        foreach (var (name, content) in files)
        {
            var path = Path.GetFullPath(Path.Combine(root, name));
            if (!path.StartsWith(root, StringComparison.Ordinal))
                throw Unreadable(Path.Combine(_folder, ArchiveFile), new InvalidDataException($"it holds the file {name}"));
            AtomicFile.Write(path, stream => stream.Write(content));
        }
    }

    internal static void Write(string folder, ReferenceManifest manifest) => AtomicFile.Write(Path.Combine(folder, ManifestFile), JsonSerializer.Serialize(manifest, _json) + "\n");

    private T Read<T>(Func<IEnumerable<(string Name, byte[] Content)>, T> read)
    {
        var path = Path.Combine(_folder, ArchiveFile);
        try
        {
            return read(RunArchive.Files(path));
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    private static InputException Unreadable(string path, Exception e) => new($"{path} cannot be read ({e.Message}); `git checkout` brings back the one that was committed");
}
