using System.Globalization;
using System.Text.Json;

namespace KdMtlBench.Host.Storage.Sharing;

/// <summary>What processes that share a sweep tell each other: the folder <c>.claims</c> in its output folder, there as long as one is at it.</summary>
/// <param name="output">The output folder.</param>
/// <param name="silence">What has given no sign of life for longer is no more.</param>
/// <remarks>
/// <c>session.json</c> says what is shared, <c>holders/TOKEN.json</c> who is there, <c>runs/ID.N</c> whose a run is. A run is taken by creating
/// <c>ID.1</c>, and taken over by creating <c>ID.2</c>: whoever has the highest number has the run, nothing is ever replaced, and no two can have
/// the same. Ages are told by the file system's clock alone: that of a file just written, less that of the sign.
/// </remarks>
internal sealed class ClaimFolder(string output, TimeSpan silence)
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };

    private readonly string _folder = Path.Combine(output, ".claims");

    private string Runs => Path.Combine(_folder, "runs");

    private string Holders => Path.Combine(_folder, "holders");

    private string SessionFile => Path.Combine(_folder, "session.json");

    public TimeSpan Silence => silence;

    /// <summary>Begins anew; what dead processes have left is forgotten.</summary>
    public void Open(Session session)
    {
        Clear();
        Directory.CreateDirectory(Runs);
        Directory.CreateDirectory(Holders);
        AtomicFile.Write(SessionFile, JsonSerializer.Serialize(session, _json));
    }

    /// <summary>What is shared here; null where nothing is.</summary>
    public Session? Session => Read<Session>(SessionFile);

    /// <summary>Whether there is anything, be it what a process has left that others took for dead.</summary>
    public bool Exists => Directory.Exists(_folder);

    /// <summary>Takes the folder away, and the parts of files that processes were killed at. Nobody may be at the sweep.</summary>
    public void Clear()
    {
        if (Exists)
            Directory.Delete(_folder, recursive: true);
        AtomicFile.DeleteParts(output, SearchOption.TopDirectoryOnly);
        AtomicFile.DeleteParts(Path.Combine(output, "teachers"), SearchOption.TopDirectoryOnly);
        AtomicFile.DeleteParts(Path.Combine(output, "runs"), SearchOption.AllDirectories);
    }

    /// <summary>Gives a sign of life, where others have not taken the folder away.</summary>
    public void Tell(SignOfLife sign)
    {
        if (Directory.Exists(Holders))
            AtomicFile.Write(SignOf(sign.Holder.Token), JsonSerializer.Serialize(sign, _json));
    }

    /// <summary>A process leaves; what it still holds is anybody's.</summary>
    public void Leave(Holder holder)
    {
        if (Directory.Exists(Holders))
            File.Delete(SignOf(holder.Token));
    }

    /// <summary>The last sign of everyone who has not left.</summary>
    public IReadOnlyList<SignOfLife> Signs() =>
        !Directory.Exists(Holders) ? [] : [.. Directory.GetFiles(Holders, "*.json").Order(StringComparer.Ordinal).Select(Read<SignOfLife>).OfType<SignOfLife>()];

    /// <summary>Whether this process is no more, or has stood still for too long.</summary>
    public bool IsDead(string token)
    {
        var path = SignOf(token);
        return token.Length == 0 || !File.Exists(path) || Read<SignOfLife>(path) is { Holder.HasEnded: true } || Age(path) > silence;
    }

    /// <summary>What is thrown where the folder has gone while a run was under way.</summary>
    public StorageException Gone() =>
        new($"The sweep has stopped: {output} is gone, moved or deleted or with its file system. Put it back as it was, and the same command goes on from there.");

    /// <summary>Takes the run where nobody has this generation of it, and others have not taken the folder away.</summary>
    public Claim? TryTake(string run, int generation, Holder holder)
    {
        if (!Directory.Exists(Runs))
            return null;
        var claim = new Claim(run, generation, $"{holder.Token} {Guid.NewGuid():N}\n");
        return ExclusiveFile.TryCreate(PathOf(run, generation), claim.Text) ? claim : null;
    }

    /// <summary>The claim that counts; null where the run is nobody's.</summary>
    public Claim? Latest(string run)
    {
        var generation = 0;
        while (File.Exists(PathOf(run, generation + 1)))
            generation++;
        return generation == 0 ? null : new Claim(run, generation, TextOf(PathOf(run, generation)));
    }

    /// <summary>Whether the run is still whose it was.</summary>
    public bool Stands(Claim claim) => !File.Exists(PathOf(claim.Run, claim.Generation + 1)) && TextOf(PathOf(claim.Run, claim.Generation)) == claim.Text;

    /// <summary>The runs that are somebody's, in one look at the folder.</summary>
    public IReadOnlySet<string> Taken() => !Directory.Exists(Runs) ? new HashSet<string>(StringComparer.Ordinal) : Directory.GetFiles(Runs)
        .Select(path => Path.GetFileName(path))
        .Where(name => int.TryParse(name.AsSpan(name.LastIndexOf('.') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _))
        .Select(name => name[..name.LastIndexOf('.')]).ToHashSet(StringComparer.Ordinal);

    private string SignOf(string token) => Path.Combine(Holders, $"{token}.json");

    private string PathOf(string run, int generation) => Path.Combine(Runs, $"{run}.{generation.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>By the clock of whoever keeps the files, which need not be this machine.</summary>
    private TimeSpan Age(string path)
    {
        var probe = Path.Combine(_folder, $"{Guid.NewGuid():N}.now");
        try
        {
            File.WriteAllText(probe, "");
            return File.GetLastWriteTimeUtc(probe) - File.GetLastWriteTimeUtc(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return TimeSpan.Zero; // who cannot write can take nothing over
        }
        finally
        {
            File.Delete(probe);
        }
    }

    private static string TextOf(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Null for what is not there, or is damaged.</summary>
    private static T? Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return default;
        }
    }
}
